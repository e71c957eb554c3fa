import { type ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../context.ts';
import { takesStreams } from '../media-types.ts';
import { presentError } from './presented-errors.ts';

type Present = (error: GraphQLError) => GraphQLError;

/** Subscriptions: who takes no stream is refused before one begins; what becomes of one is told in it. */
export const createStreamedResults = (log: Parameters<typeof presentError>[2]): Plugin<GraphQLContext> => ({
  onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
    const { request, record } = contextValue;
    if (!takesStreams(request)) return setResultAndStopExecution({ errors: [notAcceptable()] });
    return {
      onSubscribeResult({ result, setResult }) {
        if (!isAsyncIterable<ExecutionResult>(result)) return;
        setResult(presentResults(result[Symbol.asyncIterator](), (error) => presentError(error, record, log)));
      },
    };
  },
});

function notAcceptable(): GraphQLError {
  return new GraphQLError('A subscription is answered as `text/event-stream`.', {
    extensions: { code: 'NOT_ACCEPTABLE', http: { status: 406 } },
  });
}

/** An error that ends the stream is its last result: a client that is only told of the end could not know why. */
function presentResults(
  results: AsyncIterator<ExecutionResult>,
  present: Present,
): AsyncIterableIterator<ExecutionResult> {
  const done = { done: true, value: undefined } as const;
  let isOver = false;
  return {
    async next() {
      if (isOver) return done;
      try {
        const { done: isDone, value } = await results.next();
        if (isDone) return done;
        const { errors, ...rest } = value as ExecutionResult;
        return { done: false, value: errors ? { ...rest, errors: errors.map(present) } : rest };
      } catch (error) {
        isOver = true;
        const last = new GraphQLError('The stream has ended.', { originalError: error as Error });
        return { done: false, value: { errors: [present(last)] } };
      }
    },
    async return() {
      isOver = true;
      await results.return?.();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
