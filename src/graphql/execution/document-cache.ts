import type { DocumentNode } from 'graphql';

/** The dearest token, a field's name with its nodes and their places, was measured to take 510 bytes. */
const bytesPerToken = 600;
const bytesPerCharacter = 2;
const halfLifeMs = 60_000;

interface Entry {
  readonly document: DocumentNode;
  readonly bytes: number;
  /** How often it was asked for since it is here; halved every minute. */
  uses: number;
}

/** Documents that have been parsed and validated, by their text. */
export interface DocumentCache {
  find(query: string): DocumentNode | undefined;
  /** Keeps it, if there is room among those that are not in use. */
  keep(query: string, document: DocumentNode): void;
  /** What they take, by estimate. */
  readonly bytes: number;
}

/**
 * A cache of at most so many bytes. A new document takes the place of those that nobody has asked for again lately, the
 * oldest first, and of no others: however many come, those in use stay. A document with a string in it is never kept, nor is
 * its text, because the string may be a password.
 */
export function createDocumentCache(maxBytes: number): DocumentCache {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let agedAt = performance.now();

  function age(): void {
    const halvings = Math.floor((performance.now() - agedAt) / halfLifeMs);
    if (halvings === 0) return;
    agedAt += halvings * halfLifeMs;
    for (const entry of entries.values()) entry.uses = Math.floor(entry.uses / 2 ** halvings);
  }

  function makeRoomFor(needed: number): boolean {
    const leaving = findUnused(entries, needed - (maxBytes - bytes));
    for (const [query, entry] of leaving ?? []) {
      entries.delete(query);
      bytes -= entry.bytes;
    }
    return leaving !== null;
  }

  return {
    get bytes() {
      return bytes;
    },
    find(query) {
      const entry = entries.get(query);
      if (entry) entry.uses += 1;
      return entry?.document;
    },
    keep(query, document) {
      if (query.includes('"') || entries.has(query)) return;
      const size = estimateBytes(query, document);
      age();
      if (!makeRoomFor(size)) return;
      entries.set(query, { document, bytes: size, uses: 0 });
      bytes += size;
    },
  };
}

/** The oldest that nobody uses and that take so many bytes together; null where there are not enough. */
function findUnused(entries: ReadonlyMap<string, Entry>, needed: number): [query: string, entry: Entry][] | null {
  const unused: [query: string, entry: Entry][] = [];
  let missing = needed;
  for (const [query, entry] of entries) {
    if (missing <= 0) break;
    if (entry.uses > 0) continue;
    unused.push([query, entry]);
    missing -= entry.bytes;
  }
  return missing <= 0 ? unused : null;
}

/** What a parsed document and its text take in memory, never less than measured. */
export function estimateBytes(query: string, { loc }: DocumentNode): number {
  let tokens = 0;
  for (let token = loc?.startToken ?? null; token; token = token.next) tokens += 1;
  return tokens * bytesPerToken + query.length * bytesPerCharacter;
}
