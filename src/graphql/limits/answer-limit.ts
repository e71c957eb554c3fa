import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** A longer answer would keep everybody else waiting while it is put together. */
const maxMegabytes = 4;

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
  return Buffer.byteLength(answer) > maxMegabytes * 1024 * 1024;
}

export const answerLimit: Plugin = {
  onExecute({ args }) {
    if (getOperationAST(args.document, args.operationName)?.operation !== 'query') return undefined;
    return {
      onExecuteDone({ result, setResult }) {
        if (isTooLong(JSON.stringify(result))) setResult(answerTooLong);
      },
    };
  },
};
