/** Whether a text can be decoded as it was meant: of what is no UTF-8, lenient readers make another text, in silence. */
export function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
