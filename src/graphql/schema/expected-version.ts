/** The argument of every mutation of a user. */
export const expectedVersionArg = {
  description:
    'The `version` of the user that you read before. When the stored one is another, nothing is written and the answer is `VERSION_MISMATCH` with the current one. Omitted or `null`: not checked.',
} as const;
