import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** A longer answer would keep everybody else waiting while it is put together. */
const maxMegabytes = 4;
const maxBytes = maxMegabytes * 1024 * 1024;

/**
 * What a query is told whose answer is longer than any may be. A mutation is answered all the same: it has been carried out.
 * How long it can get is known before, see largest-answer.ts.
 */
export const answerTooLong: ExecutionResult = {
  errors: [
    new GraphQLError(`The answer would be longer than ${maxMegabytes} MB. Ask for fewer users or fields at once.`, {
      extensions: { code: 'DOCUMENT_LIMIT_EXCEEDED' },
    }),
  ],
};

export function isTooLong(answer: string | Uint8Array): boolean {
  return Buffer.byteLength(answer) > maxBytes;
}

/** Without putting it together: what is long, and asked for many times, would become hundreds of megabytes. */
function isTooLongForSure(result: unknown): boolean {
  return countCharacters(result, maxBytes) > maxBytes;
}

/** The characters of the texts in it, no more of which than are in its JSON; stops counting beyond the limit. */
function countCharacters(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const one of Object.values(value)) {
    sum += countCharacters(one, limit - sum);
    if (sum > limit) break;
  }
  return sum;
}

export const answerLimit: Plugin = {
  onExecute({ args }) {
    if (getOperationAST(args.document, args.operationName)?.operation !== 'query') return undefined;
    return {
      onExecuteDone({ result, setResult }) {
        if (isTooLongForSure(result) || isTooLong(JSON.stringify(result))) setResult(answerTooLong);
      },
    };
  },
};
