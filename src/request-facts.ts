/** What a door must know of a request besides the request. */
export interface RequestFacts {
  /** The body was longer than allowed, and is missing. */
  readonly tooLarge: boolean;
  /** The request came from this machine itself. */
  readonly local: boolean;
}
