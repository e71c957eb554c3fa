import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphQLContext } from './context.ts';

/** Both bounds keep the memory small that a caller can fill. */
const maxDocuments = 200;
const maxLength = 4096;

/** The documents that Yoga has executed: its parser, its validation and their limits have accepted them. */
export interface KeptDocuments {
  find(query: string): DocumentNode | undefined;
  /** The plugin that keeps them. */
  readonly plugin: Plugin<GraphQLContext>;
}

export function createKeptDocuments(): KeptDocuments {
  const kept = new Map<string, DocumentNode>();
  return {
    find: (query) => kept.get(query),
    plugin: {
      onExecute({ args }) {
        const query = args.contextValue.params.query ?? '';
        if (query.length > maxLength) return;
        if (kept.size >= maxDocuments) kept.delete(kept.keys().next().value ?? '');
        kept.set(query, args.document);
      },
    },
  };
}
