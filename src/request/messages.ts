/** What is read of a request. The platform's `Request` is one. */
export interface HttpRequest {
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  readonly headers: HttpHeaders;
  text(): Promise<string>;
}

export interface HttpHeaders extends Iterable<[name: string, value: string]> {
  /** The value, those of a repeated header joined by a comma; null without one. */
  get(name: string): string | null;
}

/** An answer. It is plain because making the platform's `Request` and `Response` costs a third of an update. */
export interface HttpResponse {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Map<string, string>;
  /** Bytes are shared by all who ask for them, and never changed. A stream is told by `return` that nobody reads it any more. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  /** Of an error: its code, for the log. */
  readonly code?: string;
}

interface TextResponse extends HttpResponse {
  readonly body: string;
}

export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): TextResponse {
  return textResponse(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function textResponse(status: number, body: string, headers: Record<string, string>): TextResponse {
  return { status, headers: new Map(Object.entries(headers)), body };
}

/** An answer that is sent as it comes. */
export function streamResponse(body: AsyncIterable<Uint8Array>, headers: Record<string, string>): HttpResponse {
  return { status: 200, headers: new Map(Object.entries(headers)), body };
}

export function emptyResponse(status: number, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: new Map(Object.entries(headers)), body: null };
}
