const isString = (value: unknown) => typeof value === 'string';
const isStrings = (value: unknown) => Array.isArray(value) && value.every(isString);
const isOneOrMore = (value: unknown) => isString(value) || isStrings(value);
/** JSON's 1e400 is read as infinite, which would end never. */
const isTime = (value: unknown) => Number.isFinite(value);

/** The types of the claims of an access token: RFC 7519, section 4.1, and RFC 9068, section 2.2. */
const claimTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  iss: isString,
  sub: isString,
  aud: isOneOrMore,
  exp: isTime,
  nbf: isTime,
  iat: isTime,
  jti: isString,
  sid: isString,
  client_id: isString,
  scope: isOneOrMore, // a text by RFC 9068; some issuers make a list of it, and nothing here depends on it
  auth_time: isTime,
  acr: isString,
  amr: isStrings,
};

/** The name of a claim whose type is not that of an access token; null where all are well. */
export function findMistypedClaim(claims: Readonly<Record<string, unknown>>): string | null {
  const isMistyped = (name: string) => claims[name] !== undefined && !claimTypes[name]?.(claims[name]);
  return Object.keys(claimTypes).find(isMistyped) ?? null;
}
