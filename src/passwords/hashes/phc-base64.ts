/** Base64 without padding, as the strings of the password hashing competition have it. */
export function phcBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
