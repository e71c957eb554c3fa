import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';

/** So much of an answer is read: it is no way to fill the memory of whoever asks. */
const maxReadBytes = 65_536;
/** So much of it is kept, to be looked at. */
const maxKeptBytes = 1024;

/** The beginning of an answer, as text that every database stores. Rejects when the connection ends before the answer. */
export async function readAnswer(response: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (length < maxKeptBytes) kept.push(chunk);
    length += chunk.length;
    if (length >= maxReadBytes) break; // leaving the loop closes the connection
  }
  const start = Buffer.concat(kept).subarray(0, maxKeptBytes);
  return new StringDecoder('utf8').write(start).replaceAll('\0', '\uFFFD');
}
