import { createServer, type Server } from 'node:http';
import { callIn } from './follow.ts';
import type { DemoPhone } from './caller.ts';
import { newRoom } from './world.ts';
import type { World } from './world-shape.ts';

/** Lets a visitor of the console be the caller: what is typed there, the emulated phone speaks into the room. */
export interface PhoneDoor {
  readonly url: string;
  close(): void;
}

const from = '+15550142';
const mostText = 300;

/** Listens on 127.0.0.1 for the console of this demo alone. One call at a time; the first words phone in. */
export async function openPhoneDoor(world: World): Promise<PhoneDoor> {
  let phone: { readonly line: DemoPhone; readonly callKey: string } | undefined;
  let dialling: Promise<void> = Promise.resolve();

  async function lineFor(): Promise<{ line: DemoPhone; callKey: string; fresh: boolean }> {
    if (phone) return { ...phone, fresh: false };
    const room = newRoom(from);
    const line = await world.dial(room, from);
    const callKey = await callIn(world.api, room);
    phone = { line, callKey };
    void line.ended.then(() => (phone = undefined));
    return { line, callKey, fresh: true };
  }
  async function act(input: unknown): Promise<object> {
    const { type, text } = input as { type?: unknown; text?: unknown };
    if (type === 'hang_up') {
      await phone?.line.hangUp();
      return { hungUp: true };
    }
    if (typeof text !== 'string' || !text.trim() || text.length > mostText)
      throw new Error(`text: send 1 to ${mostText} characters`);
    const { line, callKey, fresh } = await lineFor();
    if (type === 'keys') void line.digits(text.replace(/[^0-9*#A-D]/g, '')).catch(() => undefined);
    else if (!fresh) void line.say(text.trim()).catch(() => undefined);
    return { callKey, dialled: fresh };
  }
  async function serve(
    before: Promise<void>,
    body: string,
    answer: (status: number, body: object) => void,
  ): Promise<void> {
    await before;
    try {
      answer(200, await act(JSON.parse(body)));
    } catch (error) {
      answer(400, { error: error instanceof Error ? error.message : 'unreadable' });
    }
  }
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'access-control-allow-origin': world.api,
        'access-control-allow-headers': 'content-type',
      });
      response.end(JSON.stringify(body));
    };
    if (request.headers.origin !== undefined && request.headers.origin !== world.api)
      return answer(403, { error: 'only the console of this demo' });
    if (request.method === 'OPTIONS') return answer(200, {});
    if (request.method !== 'POST') return answer(405, { error: 'POST {"type":"say","text":"…"}' });
    let body = '';
    request.on('data', (chunk: Buffer) => (body.length < 4096 ? (body += chunk.toString('utf8')) : request.destroy()));
    request.on('end', () => {
      // One after the other: two quick sentences must not dial twice.
      dialling = serve(dialling, body, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: urlOf(server), close: () => closeNow(server) };
}

function urlOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

function closeNow(server: Server): void {
  server.close();
  server.closeAllConnections();
}
