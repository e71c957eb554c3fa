/** A longer body is not parsed for whom nobody knows yet: what a sign-in sends is shorter, and parsing is work. */
export const maxUnknownCallerBytes = 16_384;

/** What a handler must know of a request besides the request. */
export interface RequestMetadata {
  /** The body was longer than allowed, and is missing. */
  readonly tooLarge: boolean;
  /** The body is not valid UTF-8: decoded, it would be another text than was sent. Absent: it is. */
  readonly notUtf8?: boolean;
  /** Whether the request came from this machine itself: few ask, and finding it out is work. */
  readonly isLocal: () => boolean;
  /** The address of the client, as the trusted proxies say, or of the connection. Absent: not known. */
  readonly address?: string | undefined;
}
