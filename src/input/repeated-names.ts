const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/**
 * Whether an object in a JSON text has a name twice. Which of two equal names counts differs from reader to reader (RFC 8259,
 * section 4), so none may count.
 */
export function hasRepeatedName(json: string): boolean {
  const objects: Set<string>[] = [];
  for (let i = 0; i < json.length; i += 1) {
    const code = json.charCodeAt(i);
    if (code === openingBrace) objects.push(new Set());
    else if (code === closingBrace) objects.pop();
    else if (code === quote) {
      const end = endOfString(json, i);
      const names = objects.at(-1);
      if (names && isBeforeColon(json, end)) {
        const name = decode(json.slice(i, end + 1));
        if (names.has(name)) return true;
        names.add(name);
      }
      i = end;
    }
  }
  return false;
}

/** Where the string that begins at `start` ends: its closing quote. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

/** An odd number of backslashes stands before it. */
function isEscaped(json: string, index: number): boolean {
  let start = index;
  while (json.charCodeAt(start - 1) === backslash) start -= 1;
  return (index - start) % 2 === 1;
}

function isBeforeColon(json: string, end: number): boolean {
  let i = end + 1;
  while (isSpace(json.charCodeAt(i))) i += 1;
  return json.charCodeAt(i) === colon;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function decode(text: string): string {
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    return text; // no JSON, which is told elsewhere
  }
}
