import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What may be wrong on the way of webhooks. */
export type WebhookTrouble = 'none' | 'lose' | 'repeat';

/** Where LiveKit sends its webhooks: they go on to a living instance, as a load balancer would have it. */
export interface Spreader {
  readonly url: string;
  /** From now on. */
  suffer(trouble: WebhookTrouble): void;
  readonly counts: { readonly passed: number; readonly lost: number; readonly repeated: number };
  close(): Promise<void>;
}

const lostShare = 0.3;
const latestMs = 2_000;
const answersWithinMs = 3_000;

/** `doors` are asked anew for each webhook; one that does not answer is a 502, and LiveKit sends it again. */
export async function startSpreader(
  port: number,
  random: () => number,
  doors: () => readonly string[],
): Promise<Spreader> {
  const counts = { passed: 0, lost: 0, repeated: 0 };
  let trouble: WebhookTrouble = 'none';
  const late = new Set<NodeJS.Timeout>();

  async function pass(body: string, authorization: string): Promise<number> {
    const all = doors();
    const door = all[Math.floor(random() * all.length)];
    if (door === undefined) return 502;
    counts.passed += 1;
    return deliver(door, body, authorization);
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const authorization = request.headers.authorization ?? '';
    if (trouble === 'lose' && random() < lostShare) {
      counts.lost += 1;
      return void response.writeHead(200).end();
    }
    const isRepeated = trouble === 'repeat';
    if (isRepeated) {
      counts.repeated += 1;
      const timer = setTimeout(() => {
        late.delete(timer);
        void pass(body, authorization);
      }, random() * latestMs);
      late.add(timer);
    }
    response.writeHead(await pass(body, authorization)).end();
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}/webhooks/livekit`,
    suffer: (next) => void (trouble = next),
    counts,
    close() {
      for (const timer of late) clearTimeout(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function deliver(door: string, body: string, authorization: string): Promise<number> {
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
