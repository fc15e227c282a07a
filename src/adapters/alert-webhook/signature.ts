import { createHmac } from 'node:crypto';
import type { AlertMessage } from '../../actors/alert-courier.ts';
import type { Secret } from '../../secret.ts';

/** Bytes to sign with, as base64 in a secret of the form `whsec_…`. */
const signingKey = (secret: Secret): Buffer => Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');

/**
 * The headers of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret, so that a receiver
 * which has either of two takes it while they change.
 */
export function signedHeaders(
  { id, body }: AlertMessage,
  secrets: readonly Secret[],
  nowMs: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', signingKey(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
