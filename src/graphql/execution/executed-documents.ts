import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../context.ts';
import { createDocumentCache } from './document-cache.ts';

/** Some 400 usual documents: more than an application has. */
const maxBytes = 8 * 1024 * 1024;

/** The documents that Yoga has executed: its parser, its validation and their limits have accepted them. */
export interface ExecutedDocuments {
  find(query: string): DocumentNode | undefined;
  /** The plugin that keeps them, and spares Yoga parsing and validating them again. */
  readonly plugin: Plugin<GraphQLContext>;
}

/** Those of backends have a cache of their own, which nobody without an API key can fill. */
export function createExecutedDocuments(): ExecutedDocuments {
  const ofBackends = createDocumentCache(maxBytes);
  const ofOthers = createDocumentCache(maxBytes);
  const find = (query: string) => ofBackends.find(query) ?? ofOthers.find(query);
  const executed = new WeakSet<DocumentNode>();
  return {
    find,
    plugin: {
      onParse({ params: { source }, setParsedDocument }) {
        const document = find(source.toString());
        if (document) setParsedDocument(document);
      },
      onValidate({ params: { documentAST }, setResult }) {
        if (executed.has(documentAST)) setResult([]);
      },
      onExecute({ args: { document, contextValue } }) {
        const { params, principal } = contextValue;
        executed.add(document);
        (principal.kind === 'api-key' ? ofBackends : ofOthers).keep(params.query ?? '', document);
      },
    },
  };
}
