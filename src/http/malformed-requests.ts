import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type HttpResponse, jsonResponse } from '../request/messages.ts';
import { secure, securityHeaders } from './security-headers.ts';

export const badRequest = { code: 'bad_request', message: 'This is not a well-formed HTTP request.' };
export const expectationFailed = {
  code: 'expectation_failed',
  message: 'Of `Expect`, only `100-continue` is understood.',
};
export const unknownTransfer = {
  code: 'not_implemented',
  message: 'Of `Transfer-Encoding`, only `chunked` is understood.',
};
const tooSlow = { code: 'request_timeout', message: 'The request took too long to arrive.' };
const headersTooLarge = { code: 'headers_too_large', message: 'The headers of the request are too long.' };

/** The answer to what is not even given to a handler. */
export function refuse(status: number, body: object): HttpResponse {
  const answer = jsonResponse(status, body, { 'x-request-id': randomUUID() });
  secure(answer.headers);
  return answer;
}

/** Answers what Node could not read as a request, in the form of every other answer. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, body] = unreadable(error.code);
  const text = JSON.stringify(body);
  const headers = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${randomUUID()}`,
    ...securityHeaders.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${text}`);
}

function unreadable(code: string | undefined): [status: string, body: object] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['431 Request Header Fields Too Large', headersTooLarge];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['408 Request Timeout', tooSlow];
  return ['400 Bad Request', badRequest];
}
