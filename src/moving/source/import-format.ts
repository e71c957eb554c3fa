import type { SourceHash } from '../../passwords/carry-hash.ts';
import type { plainNames } from '../../users/fields.ts';
import type { FirebaseConfig } from './firebase-config.ts';

/** One record of a file, and where it begins. */
export interface SourceRecord {
  /** The line, from 1. */
  readonly line: number;
  readonly values: Values;
  /** The text that it was read from, of JSON. */
  readonly raw?: Buffer | undefined;
  /** The table that it is of, in a dump of several. */
  readonly table?: string | undefined;
}

/** What is no record: a line that was cut off, for instance. */
export interface BrokenRecord {
  readonly line: number;
  /** Why, in a sentence. */
  readonly problem: string;
}

export type Values = Readonly<Record<string, unknown>>;

/** The plain fields, yet to be parsed. */
export type PlainSource = { [Name in (typeof plainNames)[number]]?: unknown };

/** A user as a source tells of them, in Roster's words: what `createUser` takes, yet to be parsed, and what goes along. */
export interface SourceUser extends Readonly<PlainSource> {
  readonly email: unknown;
  /** Only what the source itself says; left out where it says nothing. */
  readonly emailVerified?: boolean | undefined;
  readonly metadata?: Values | undefined;
  readonly profilePictureUrl?: unknown;
  readonly managed?: boolean | undefined;
  /** An id of Roster's or WorkOS's own, which is kept. */
  readonly id?: unknown;
  readonly createdAt?: unknown;
  readonly updatedAt?: unknown;
  readonly lastSignInAt?: unknown;
  readonly version?: unknown;
  readonly identities?: readonly SourceIdentity[] | undefined;
  readonly password?: SourcePassword | null | undefined;
  readonly notes?: readonly Note[] | undefined;
}

export interface SourceIdentity {
  /** The source's own name of the provider. */
  readonly provider: unknown;
  readonly idpId: unknown;
  readonly email?: unknown;
  readonly id?: unknown;
  readonly createdAt?: unknown;
  readonly updatedAt?: unknown;
}

export interface SourcePassword extends SourceHash {
  readonly changedAt?: unknown;
  readonly origin?: unknown;
}

/** Something of a user that does not come along, or not as it was. */
export interface Note {
  readonly code: 'not_carried' | 'changed' | 'left_out';
  readonly field: string;
  readonly message: string;
}

/** Why a record makes no user. */
export interface Refused {
  readonly refused: { readonly code: string; readonly field?: string; readonly message: string };
}

/** What was asked for, as far as it changes what a record means. */
export interface ConversionOptions {
  /** Addresses count as verified where the source says nothing. */
  readonly trustEmails: boolean;
  /** A full name becomes a given name and a family name, at its first space. */
  readonly splitName: boolean;
  /** Values of metadata that are neither text, number nor boolean become compact JSON. */
  readonly metadataAsJson: boolean;
  /** An identity without an address has the user's. */
  readonly keycloakIdpEmail: boolean;
  readonly firebase: FirebaseConfig | null;
}

/** One kind of source. */
export interface ImportFormat {
  /** Whether a record looks like this source's, and like no other's. */
  recognises(record: SourceRecord): boolean;
  /** The key of the list of users, where the file is one object of JSON. */
  readonly container?: string;
  /** The columns of a CSV file that has no line with their names. */
  readonly csvColumns?: readonly string[];
  /**
   * Which user the record belongs to, where it is not a user but a part of one: a hash, an account at a provider. Null: it is a user.
   * The parts of a user may stand in a file of their own. `firsts` are the first records of all files.
   */
  partOf?(record: SourceRecord, firsts: readonly SourceRecord[]): string | null;
  /** The keys by which parts name this user. */
  keysOf?(record: SourceRecord): string[];
  /** A record to the user that it tells of; pure. */
  convert(record: SourceRecord, parts: readonly SourceRecord[], options: ConversionOptions): SourceUser | Refused;
}
