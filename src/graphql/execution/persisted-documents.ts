import { createHash } from 'node:crypto';
import { parse } from 'graphql';
import type { Config } from '../../config/settings.ts';
import { OperatorError } from '../../errors.ts';
import { readTextFile } from '../../input/text-file.ts';
import { maxDocumentBytes } from '../limits/document-limits.ts';

/** The documents that are answered, where no others are. */
export interface PersistedDocuments {
  /** The body of a POST with the document in the place of its hash. What is no JSON object stays as it is, to be refused as ever. */
  expandBody(body: unknown): unknown;
  /** The same for the parameters in the address of a GET. */
  expandUrl(url: string): string | DocumentError;
}

/** Why there is no document to answer. It is answered in the place of one. */
export class DocumentError {
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

const required = new DocumentError(
  'PERSISTED_DOCUMENT_REQUIRED',
  'Only documents that were given to this server beforehand are answered: send the SHA-256 of one as `documentId`, and no `query`.',
);
const unknown = new DocumentError(
  'PERSISTED_DOCUMENT_NOT_FOUND',
  'This server was not given a document with this SHA-256.',
);

/** Reads the file that GraphQL Code Generator writes with `persistedDocuments`; throws OperatorError. Null without a file. */
export function readPersistedDocuments(path: string | undefined): PersistedDocuments | null {
  if (path === undefined) return null;
  const documents = new Map(Object.entries(readFile(path)));
  for (const [hash, document] of documents) assertDocument(path, hash, document);
  return createPersistedDocuments(documents);
}

/** What is wrong with the file that a configuration names. */
export function findDocumentsProblem({ PERSISTED_DOCUMENTS }: Partial<Config>): string[] {
  try {
    readPersistedDocuments(PERSISTED_DOCUMENTS);
    return [];
  } catch (error) {
    if (error instanceof OperatorError) return [error.message];
    throw error;
  }
}

function readFile(path: string): Record<string, string> {
  try {
    const documents: unknown = JSON.parse(readTextFile(path));
    if (typeof documents === 'object' && documents !== null && !Array.isArray(documents)) return { ...documents };
  } catch (error) {
    if (error instanceof OperatorError) throw new OperatorError(`PERSISTED_DOCUMENTS: ${error.message}`);
    throw new OperatorError(`PERSISTED_DOCUMENTS: ${path} cannot be read: ${(error as Error).message}.`);
  }
  throw new OperatorError(`PERSISTED_DOCUMENTS: ${path} must be a JSON object of SHA-256 → document.`);
}

/** A document under another hash would be one that nobody can ask for, or another one than they asked for. */
function assertDocument(path: string, hash: string, document: unknown): void {
  const problem = typeof document === 'string' ? findProblem(hash, document) : 'its document is no text';
  if (problem) throw new OperatorError(`PERSISTED_DOCUMENTS: ${path}, ${hash}: ${problem}.`);
}

function findProblem(hash: string, document: string): string | null {
  if (createHash('sha256').update(document).digest('hex') !== hash) {
    return `this is not the SHA-256 of its document, in lower case; GraphQL Code Generator makes it with hashAlgorithm: 'sha256'`;
  }
  if (Buffer.byteLength(document) > maxDocumentBytes) return `its document is longer than ${maxDocumentBytes} bytes`;
  try {
    parse(document);
    return null;
  } catch (error) {
    return `its document cannot be parsed: ${(error as Error).message}`;
  }
}

function createPersistedDocuments(documents: ReadonlyMap<string, string>): PersistedDocuments {
  const find = (query: unknown, documentId: unknown, extensions: unknown): string | DocumentError => {
    const hash = documentId ?? hashIn(extensions);
    if ((query ?? '') !== '' || typeof hash !== 'string') return required;
    return documents.get(hash.replace(/^sha256:/, '')) ?? unknown;
  };

  return {
    expandBody(body) {
      if (!isObject(body)) return body;
      const { query, documentId, extensions, ...others } = body;
      const document = find(query, documentId, extensions);
      return typeof document === 'string' ? { query: document, ...others } : document;
    },
    expandUrl(url) {
      const expanded = new URL(url);
      const { searchParams } = expanded;
      const [query, documentId, extensions] = ['query', 'documentId', 'extensions'].map((name) =>
        searchParams.get(name),
      );
      const document = find(query, documentId, parseObject(extensions ?? ''));
      if (typeof document !== 'string') return document;
      searchParams.delete('documentId');
      searchParams.delete('extensions');
      searchParams.set('query', document);
      return expanded.href;
    },
  };
}

/** As Apollo's clients send it: `{"persistedQuery": {"version": 1, "sha256Hash": "…"}}`. */
function hashIn(extensions: unknown): unknown {
  return (extensions as { persistedQuery?: { sha256Hash?: unknown } } | null | undefined)?.persistedQuery?.sha256Hash;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
