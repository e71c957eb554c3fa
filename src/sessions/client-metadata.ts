import { isStorableText } from '../input/text.ts';

/** Where somebody signs in from, where it is known. It is shown to people; sign-ins are counted by the address. */
export interface ClientMetadata {
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

const maxAddressLength = 64;
const maxAgentLength = 512;

export const unknownClient: ClientMetadata = { ipAddress: null, userAgent: null };

/** What is kept of it: no more than is useful, and nothing that cannot be stored. */
export function describeClient(ipAddress: unknown, userAgent: unknown): ClientMetadata {
  return { ipAddress: keep(ipAddress, maxAddressLength), userAgent: keep(userAgent, maxAgentLength) };
}

function keep(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string') return null;
  const text = value.slice(0, maxLength);
  return text !== '' && isStorableText(text) ? text : null;
}
