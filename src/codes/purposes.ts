import type { CodePurpose } from '../input/ids.ts';

/** What is typed from a mail, and what travels in a link or an answer. */
type Form = 'code' | 'token';

interface Purpose {
  readonly form: Form;
  readonly lifeMinutes: number;
  /** Whether the API shows it again, to a backend that sends the mail itself. */
  readonly isShown: boolean;
}

/** NIST SP 800-63B-4, section 3.1.3.2: a code that goes another way is good for ten minutes at most. */
const code = { form: 'code', lifeMinutes: 10 } as const;

/** Everything that is given out to be used once. */
export const purposes = {
  email_verification: { ...code, isShown: true },
  magic_auth: { ...code, isShown: true },
  email_change: { ...code, isShown: false },
  /** Goes to the address so far, where that has to agree to the change. */
  email_change_approval: { ...code, isShown: false },
  password_reset: { form: 'token', lifeMinutes: 60, isShown: true },
  /** A sign-in with the right password, whose address is yet to be verified. */
  pending_authentication: { form: 'token', lifeMinutes: 10, isShown: false },
} as const satisfies Record<CodePurpose, Purpose>;

export type { CodePurpose };

type OfForm<F extends Form> = { [P in CodePurpose]: (typeof purposes)[P]['form'] extends F ? P : never }[CodePurpose];

/** A purpose that is served by six digits. */
export type TypedPurpose = OfForm<'code'>;
export type TokenPurpose = OfForm<'token'>;

export const allPurposes = Object.keys(purposes) as CodePurpose[];
