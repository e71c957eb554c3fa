import type { Scratch } from '../../db/scratch.ts';
import { type ImportName, importFormats } from '../formats/formats.ts';
import { isBroken } from '../read/records.ts';
import type { ConversionOptions, ImportFormat, SourceRecord, SourceUser } from '../source/import-format.ts';
import { textOf } from '../source/values.ts';
import { type FieldMap, mapped } from './field-map.ts';
import { type PreparedUser, type PrepareOptions, prepareUser, type Refusal } from './prepare.ts';
import { type Placed, partKey, partsOf } from './source.ts';

/** A record that makes a user, or the reason why it does not. */
export interface Item {
  readonly placed: Pick<Placed, 'file'> & { readonly line: number };
  /** The source's own id of the user, and the address, as far as they are known. */
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  readonly outcome: PreparedUser | Refusal;
}

export interface ConversionSettings extends PrepareOptions, ConversionOptions {
  readonly format: ImportName;
  readonly map: FieldMap;
}

/** What a record is of no use for, and nobody needs to be told of. */
const silent = 'no_user';

const partOfPipe: Refusal = {
  code: 'invalid_record',
  message: 'This is a part of a user, whom nobody can look for in standard input. Give files.',
};

/** From records to users; null for what is not meant to be one: a part of another, or a line of the frame. */
export function createConversion(
  firsts: readonly SourceRecord[],
  settings: ConversionSettings,
  scratch: Scratch | null,
): (placed: Placed) => Item | null {
  const format: ImportFormat = importFormats[settings.format];
  return ({ file, record }) => {
    const placed = { file, line: record.line };
    if (isBroken(record)) return { placed, outcome: { code: 'invalid_record', message: record.problem } };
    if (partKey(settings.format, record, firsts) !== null) return scratch ? null : { placed, outcome: partOfPipe };
    const converted = format.convert(record, partsOf(settings.format, record, scratch), settings);
    if ('refused' in converted) {
      return converted.refused.code === silent ? null : { placed, outcome: converted.refused };
    }
    const user = settings.map.length > 0 ? mapped(converted, record.values, settings.map) : converted;
    return { placed, ...namesOf(user), outcome: prepareUser(user, settings) };
  };
}

function namesOf({ externalId, id, email }: SourceUser): Pick<Item, 'id' | 'email'> {
  return { id: textOf(externalId) ?? textOf(id), email: textOf(email) };
}

/** Parts that no user has come for. */
export function* leftParts(scratch: Scratch | null): Generator<Item> {
  for (const text of scratch?.untaken() ?? []) {
    const { file, line } = JSON.parse(text) as { file: string; line: number };
    const message = 'The files have no user whom this belongs to.';
    yield { placed: { file, line }, outcome: { code: 'user_not_found', message } };
  }
}
