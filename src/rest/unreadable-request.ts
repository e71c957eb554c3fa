/** What only an HTTP request can get wrong. */
export type RequestCode = 'bad_request' | 'payload_too_large' | 'unsupported_media_type';

/** A request that cannot be read. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
  readonly code: RequestCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RequestCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}
