import { mayBePublic } from './public-addresses.ts';

/** Why an attempt failed, in words without values: neither the address that a name has nor what a server of names knows. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the host is not known.',
  ENODATA: 'The name of the host has no address.',
  ESERVFAIL: 'The name of the host could not be looked up.',
  EREFUSED: 'The name of the host could not be looked up.',
  ETIMEOUT: 'The name of the host could not be looked up in time.',
  EAI_AGAIN: 'The name of the host could not be looked up.',
  ECONNREFUSED: 'The host refused the connection.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
  ETIMEDOUT: 'The host did not take the connection in time.',
  ECONNRESET: 'The connection was closed before there was an answer.',
  EPIPE: 'The connection was closed before there was an answer.',
  CERT_HAS_EXPIRED: 'The certificate of the host has expired.',
  CERT_NOT_YET_VALID: 'The certificate of the host is not valid yet.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the host is its own, and not from an authority.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the host is from an authority that is not known.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate of the host is from an authority that is not known.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the host came without those between it and its authority.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the host is for another name.',
};

/** An attempt that Roster itself ends, or does not begin; its message is the reason. */
export class NotDelivered extends Error {
  override readonly name = 'NotDelivered';
}

const notPublic = 'The address of the host is not a public one.';

/** Throws NotDelivered for what is outside of the public ranges; within them, request-filtering-agent knows the exceptions. */
export function assertPublic(address: string): void {
  if (!mayBePublic(address)) throw new NotDelivered(notPublic);
}

/** The reason of whatever an attempt has failed with. */
export function failureReason(error: unknown): string {
  if (error instanceof NotDelivered) return error.message;
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // request-filtering-agent knows its errors by their text alone.
  if (/ is not allowed\. Because/.test(message)) return notPublic;
  const known = code === undefined ? undefined : reasons[code];
  if (known) return known;
  if (errors?.[0]) return failureReason(errors[0]); // of several addresses, each with an error of its own
  if (code?.startsWith('HPE_')) return 'The answer is not HTTP.';
  return code && /^(ERR_SSL|EPROTO)/.test(code) ? 'The host does not speak TLS there.' : 'The request failed.';
}
