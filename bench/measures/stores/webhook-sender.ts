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

/** Before the others, so that the door is not met in its first second: of rooms that nobody counts, and at half the pace. */
const warming = { each: perSecond / 2, count: perSecond * 2 };

const roomOf = (n: number): string => `voice-ai-call-${n % calls}`;

async function webhookOf(n: number, room = roomOf(n)): Promise<SignedRequest> {
  const attributes = { 'sip.callID': `SCL_${n % calls}`, 'sip.phoneNumber': `+4930${10_000 + (n % calls)}` };
  const participant = { sid: `PA_${room}_${n}`, identity: `sip_${n % calls}`, attributes };
  const changes = { id: `EV_${room}_${n}`, room: { sid: `RM_${n % calls}`, name: room } };
  const body = JSON.stringify((kind === 'joined' ? joinedBody : leftBody)(participant, changes));
  const authorization = await sign(body, apiKey, apiSecret);
  return { body, headers: { authorization, 'content-type': 'application/webhook+json' } };
}

async function send({ body, headers }: SignedRequest): Promise<string> {
  const answer = await pool.request({ path, method: 'POST', headers, body });
  const text = await answer.body.text();
  return `${answer.statusCode} ${/"(?:outcome|code)":"(\w+)"/.exec(text)?.[1] ?? ''}`;
}

const warm = await Promise.all(Array.from({ length: warming.count }, (_, n) => webhookOf(n, `${roomOf(n)}-warm`)));
const signedAll = await Promise.all(Array.from({ length: perSecond * seconds }, (_, n) => webhookOf(n)));
await paced((n) => send(warm[n]!).catch(() => undefined), warming);
process.send?.('warm');
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
