/** How long an access token is valid. */
export const accessTokenSeconds = 300;

/** How far two clocks may be apart. */
export const clockToleranceSeconds = 5;

/** Every process knows of a new signing key, and of a discarded one, after this long at the latest. */
export const signingKeyMaxAgeMs = 2000;
