import type { ImportFormat, SourceRecord } from '../source/import-format.ts';
import { notCarried, passwordOf } from '../source/values.ts';

const isPerson = ({ values }: SourceRecord) => 'mail' in values || 'userpassword' in values || 'uid' in values;

/**
 * A directory: what `ldapsearch` or `slapcat` writes (RFC 2849). `entryUUID`, else `uid`, becomes the external id; of several addresses
 * the first is the user's. A directory does not say whether an address is verified.
 */
export const ldif: ImportFormat = {
  recognises: ({ values }) => Array.isArray(values.dn),
  convert: (record) => {
    if (!isPerson(record)) return { refused: { code: 'not_a_user', message: 'This entry is of no person.' } };
    const first = (attribute: string): unknown => (record.values[attribute] as string[] | undefined)?.[0];
    const all = (attribute: string): string[] => (record.values[attribute] as string[] | undefined) ?? [];
    return {
      email: first('mail'),
      firstName: first('givenname'),
      lastName: first('sn'),
      name: first('displayname') ?? first('cn'),
      externalId: first('entryuuid') ?? first('uid'),
      locale: first('preferredlanguage'),
      createdAt: generalizedTime(first('createtimestamp')),
      password: passwordOf(first('userpassword')),
      notes: notCarried({
        addresses: all('mail').slice(1),
        phone: [...all('telephonenumber'), ...all('mobile')],
      }),
    };
  },
};

/** RFC 4517, section 3.3.13: 20240102030405Z. */
function generalizedTime(value: unknown): string | undefined {
  const [, date, time] = /^(\d{8})(\d{6})(?:\.\d+)?Z$/.exec(String(value ?? '')) ?? [];
  if (!date || !time) return undefined;
  return `${date.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')}T${time.replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3')}Z`;
}
