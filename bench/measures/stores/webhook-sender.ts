// A process of its own that sends webhooks to a door as LiveKit does, signed ahead of time, and tells what it saw.
import { performance } from 'node:perf_hooks';
import { argv, cpuUsage } from 'node:process';
import { Pool } from 'undici';
import { joinedBody, leftBody, sign, type SignedRequest } from '../../../test/support/webhooks.ts';
import { calls, paced, perSecond, seconds } from './pace.ts';

/** What the sender tells in the end. */
export interface SentWebhooks {
  /** Ms from when each was due until its answer was whole; of those that were stored. */
  readonly storedMs: readonly number[];
  /** How many had which answer, `200 stored` for instance. */
  readonly answers: Readonly<Record<string, number>>;
  /** CPU time while it sent. */
  readonly cpuMs: number;
}

const [, , origin = '', path = '', kind = 'left', apiKey = '', apiSecret = ''] = argv;
const connections = 100;
const pool = new Pool(origin, { connections, pipelining: 1 });

const roomOf = (n: number): string => `voice-ai-call-${n % calls}`;

async function webhookOf(n: number): Promise<SignedRequest> {
  const attributes = { 'sip.callID': `SCL_${n % calls}`, 'sip.phoneNumber': `+4930${10_000 + (n % calls)}` };
  const participant = { sid: `PA_${n}`, identity: `sip_${n % calls}`, attributes };
  const changes = { id: `EV_${n}`, room: { sid: `RM_${n % calls}`, name: roomOf(n) } };
  const body = JSON.stringify((kind === 'joined' ? joinedBody : leftBody)(participant, changes));
  const authorization = await sign(body, apiKey, apiSecret);
  return { body, headers: { authorization, 'content-type': 'application/webhook+json' } };
}

async function send({ body, headers }: SignedRequest): Promise<string> {
  const answer = await pool.request({ path, method: 'POST', headers, body });
  const text = await answer.body.text();
  return `${answer.statusCode} ${/"(?:outcome|code)":"(\w+)"/.exec(text)?.[1] ?? ''}`;
}

const signedAll = await Promise.all(Array.from({ length: perSecond * seconds }, (_, n) => webhookOf(n)));
const before = cpuUsage();
const answers: Record<string, number> = {};
const took = await paced(async (n, dueAt) => {
  const answer = await send(signedAll[n]!).catch((error: NodeJS.ErrnoException) => `no answer ${error.code ?? ''}`);
  answers[answer] = (answers[answer] ?? 0) + 1;
  return answer === '200 stored' ? performance.now() - dueAt : undefined;
});
const { user, system } = cpuUsage(before);
const told: SentWebhooks = {
  storedMs: took.filter((ms) => ms !== undefined),
  answers,
  cpuMs: (user + system) / 1000,
};
await pool.close();
process.send?.(told, () => process.disconnect());
