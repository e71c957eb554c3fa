const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The Base64 of crypt(3) and of phpass: three bytes are four characters, the lowest six bits first. */
export function cryptBase64(bytes: readonly number[] | Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = bytes.slice(i, i + 3);
    const bits = (group[0] ?? 0) | ((group[1] ?? 0) << 8) | ((group[2] ?? 0) << 16);
    for (let j = 0; j <= group.length; j += 1) text += alphabet.charAt((bits >> (6 * j)) & 63);
  }
  return text;
}

/** The number that one character stands for, or -1. */
export function cryptBase64Value(character: string): number {
  return character === '' ? -1 : alphabet.indexOf(character);
}
