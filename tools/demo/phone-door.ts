import { createServer, type Server } from 'node:http';
import type { Api } from '../../src/cli/follow.ts';
import { createVisitorPhone, forms } from './visitor-phone.ts';
import type { World } from './world-shape.ts';

/** Lets a visitor of the console be the caller: what is typed there, the emulated phone speaks into the room. */
export interface PhoneDoor {
  readonly url: string;
  close(): void;
}

const mostBytes = 4_096;

/** Listens on 127.0.0.1 for the console of this demo alone. */
export async function openPhoneDoor(world: Api & Pick<World, 'dial'>): Promise<PhoneDoor> {
  const phone = createVisitorPhone(world);
  let last: Promise<void> = Promise.resolve();
  async function serve(before: Promise<void>, body: string, answer: (status: number, body: object) => void) {
    await before;
    try {
      answer(200, await phone.act(JSON.parse(body)));
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
      return answer(403, { error: 'Only the console of this demo may use this phone' });
    if (request.method === 'OPTIONS') return answer(200, {});
    if (request.method !== 'POST') return answer(405, { error: `POST: ${forms}` });
    let body = '';
    request.on('data', (chunk: Buffer) =>
      body.length < mostBytes ? (body += chunk.toString('utf8')) : request.destroy(),
    );
    request.on('end', () => {
      // One after the other: two quick sentences must not dial twice.
      last = serve(last, body, answer);
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
