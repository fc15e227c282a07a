import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AccessToken } from 'livekit-server-sdk';

/** What may be wrong on the way of webhooks. */
export type WebhookTrouble = 'lose' | 'repeat' | 'delay' | 'forge';

export interface SpreaderCounts {
  readonly passed: number;
  readonly lost: number;
  /** Of those that were lost: a caller had joined. */
  readonly lostJoins: number;
  readonly repeated: number;
  readonly delayed: number;
  readonly forged: number;
  /** Forged, and taken all the same. */
  readonly believed: number;
}

/** Where LiveKit sends its webhooks: they go on to a living instance, as a load balancer would have it. */
export interface Spreader {
  readonly url: string;
  /** From now on. */
  suffer(trouble: WebhookTrouble, isOn: boolean): void;
  readonly counts: SpreaderCounts;
  close(): Promise<void>;
}

interface Webhook {
  readonly body: string;
  readonly authorization: string;
}

interface SpreaderOptions {
  readonly port: number;
  readonly random: () => number;
  /** Asked anew for each webhook; one that does not answer is a 502, and LiveKit sends it again. */
  readonly doors: () => readonly string[];
  /** The name of LiveKit's key, whose secret forgers do not know. */
  readonly apiKey: string;
}

/** Of each kind of webhook the first, the fourth, the seventh … are lost. */
const oneLostOf = 3;
const latestRepeatMs = 2_000;
const latestMs = 4_000;
const answersWithinMs = 3_000;

export async function startSpreader({ port, random, doors, apiKey }: SpreaderOptions): Promise<Spreader> {
  const counts = { passed: 0, lost: 0, lostJoins: 0, repeated: 0, delayed: 0, forged: 0, believed: 0 };
  const troubles = new Set<WebhookTrouble>();
  const seen = new Map<string, number>();
  const late = new Set<NodeJS.Timeout>();

  async function pass(webhook: Webhook): Promise<number> {
    const all = doors();
    const door = all[Math.floor(random() * all.length)];
    return door === undefined ? 502 : deliver(door, webhook);
  }

  function passLater(webhook: Webhook, afterMs: number): void {
    const timer = setTimeout(() => {
      late.delete(timer);
      void pass(webhook);
    }, afterMs);
    late.add(timer);
  }

  function isLost(webhook: Webhook): boolean {
    const kind = kindOf(webhook);
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    if (count % oneLostOf > 0) return false;
    counts.lost += 1;
    if (kind === callerJoined) counts.lostJoins += 1;
    return true;
  }

  async function forge(webhook: Webhook): Promise<void> {
    for (const forged of await forgeriesOf(webhook, apiKey)) {
      counts.forged += 1;
      if ((await pass(forged)) < 300) counts.believed += 1;
    }
  }

  /** The answer that LiveKit gets. */
  async function take(webhook: Webhook): Promise<number> {
    if (troubles.has('lose') && isLost(webhook)) return 200;
    counts.passed += 1;
    if (troubles.has('forge')) await forge(webhook);
    if (troubles.has('delay')) {
      counts.delayed += 1;
      passLater(webhook, random() * latestMs);
      return 200;
    }
    if (troubles.has('repeat')) {
      counts.repeated += 1;
      passLater(webhook, random() * latestRepeatMs);
    }
    return pass(webhook);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    response.writeHead(await take({ body, authorization: request.headers.authorization ?? '' })).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}/webhooks/livekit`,
    suffer(trouble, isOn) {
      if (isOn) troubles.add(trouble);
      else troubles.delete(trouble);
      if (trouble === 'lose') seen.clear();
    },
    counts,
    close() {
      for (const timer of late) clearTimeout(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

const callerJoined = 'participant_joined sip';

/** Its event, and whom it is about: a telephone (`sip`), an agent, or a room. */
function kindOf({ body }: Webhook): string {
  const { event, participant } = JSON.parse(body) as { event: string; participant?: { identity: string } };
  return participant ? `${event} ${participant.identity.split(/[_-]/)[0]}` : event;
}

/** That the room is finished: under the signature of another webhook, and under one by a secret that is not LiveKit's. */
async function forgeriesOf({ body, authorization }: Webhook, apiKey: string): Promise<readonly Webhook[]> {
  const told = JSON.parse(body) as Record<string, unknown>;
  const forged = JSON.stringify({ ...told, event: 'room_finished', id: `EV_${randomBytes(6).toString('hex')}` });
  const token = new AccessToken(apiKey, randomBytes(24).toString('hex'), { ttl: 300 });
  token.sha256 = createHash('sha256').update(forged).digest('base64');
  return [
    { body: forged, authorization },
    { body: forged, authorization: await token.toJwt() },
  ];
}

async function deliver(door: string, { body, authorization }: Webhook): Promise<number> {
  const headers = { authorization, 'content-type': 'application/webhook+json' };
  const signal = AbortSignal.timeout(answersWithinMs);
  try {
    const answer = await fetch(door, { method: 'POST', headers, body, signal });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 502;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
