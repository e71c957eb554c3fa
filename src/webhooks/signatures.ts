import { createHmac } from 'node:crypto';

/** What begins the text of a secret; the rest is its bytes in base64. */
export const secretPrefix = 'whsec_';

/** The secrets of an endpoint, as its receiver has them. While they are exchanged, there are two. */
export interface SigningSecrets {
  readonly current: string;
  /** The one before, which the receiver may still have. */
  readonly previous: string | null;
}

/** What is signed: the id of the event, its text as it is sent, and the moment of the attempt. */
interface Signed {
  readonly id: string;
  readonly body: string;
  readonly sentAt: Date;
}

/** The headers that prove where a delivery is from: WorkOS's own, and those of Standard Webhooks 1.0.0. */
export function signatureHeaders(signed: Signed, secrets: SigningSecrets): Record<string, string> {
  const { current, previous } = secrets;
  const all = previous === null ? [current] : [current, previous];
  return {
    'WorkOS-Signature': workosSignature(signed, previous ?? current),
    'Webhook-Id': signed.id,
    'Webhook-Timestamp': String(toSeconds(signed.sentAt)),
    'Webhook-Signature': all.map((secret) => standardSignature(signed, secret)).join(' '),
  };
}

/**
 * Its key is the text of the secret. WorkOS's SDKs read one signature alone, so that the earlier secret signs until the
 * exchange is over.
 */
function workosSignature({ body, sentAt }: Signed, secret: string): string {
  const timestamp = sentAt.getTime();
  return `t=${timestamp}, v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Its key is the bytes of the secret. */
function standardSignature({ id, body, sentAt }: Signed, secret: string): string {
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64');
  return `v1,${createHmac('sha256', key)
    .update(`${id}.${toSeconds(sentAt)}.${body}`)
    .digest('base64')}`;
}

function toSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
