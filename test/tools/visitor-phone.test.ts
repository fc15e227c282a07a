import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemoPhone } from '../../tools/demo/caller.ts';
import { openPhoneDoor, type PhoneDoor } from '../../tools/demo/phone-door.ts';
import type { World } from '../../tools/demo/world-shape.ts';

let api: Server;
let apiUrl: string;
let door: PhoneDoor;
let rooms: string[];
let did: string[];
let greet: () => void;
let end: () => void;

beforeEach(async () => {
  rooms = [];
  did = [];
  api = createServer((_, response) =>
    response.end(JSON.stringify({ calls: rooms.map((room) => ({ room, callKey: `${room}~1` })) })),
  );
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const world: Pick<World, 'api' | 'access' | 'dial'> = {
    api: apiUrl,
    access: { headers: {}, consoleLink: () => Promise.reject(new Error('no page here')) },
    dial(room: string) {
      rooms.push(room);
      return Promise.resolve(fakePhone());
    },
  };
  door = await openPhoneDoor(world);
});
afterEach(() => {
  door.close();
  api.close();
});

function fakePhone(): DemoPhone {
  const greeted = Promise.withResolvers<{ startMs: number; endMs: number }>();
  const ended = Promise.withResolvers<string>();
  greet = () => greeted.resolve({ startMs: 0, endMs: 0 });
  end = () => ended.resolve('CLIENT_INITIATED');
  return {
    say: (text) => Promise.resolve(void did.push(`said ${text}`)).then(() => ({ endMs: 0 })),
    digits: (keys) => Promise.resolve(void did.push(`pressed ${keys}`)),
    heard: () => [],
    hears: () => greeted.promise,
    joinedMs: 0,
    ended: ended.promise,
    hangUp: () => Promise.resolve(void did.push('hung up')),
  };
}

async function ask(body: unknown, headers: Record<string, string> = {}): Promise<[number, Record<string, unknown>]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(door.url, { method: 'POST', body: text, headers: { origin: apiUrl, ...headers } });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

const poll = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 20 });

describe('the phone in a visitor’s hand', () => {
  it('dials once, however quickly it is asked, and says which call it is in', async () => {
    const answers = await Promise.all([ask({ type: 'dial' }), ask({ type: 'dial' })]);
    expect(rooms).toHaveLength(1);
    expect(answers.map(([status]) => status)).toEqual([200, 200]);
    expect(answers.map(([, { dialled }]) => dialled).toSorted()).toEqual([false, true]);
    expect(new Set(answers.map(([, { callKey }]) => callKey))).toEqual(new Set([`${rooms[0]}~1`]));
  });

  it('words without a call phone in and are spoken after the greeting; in a call they are spoken at once', async () => {
    await ask({ type: 'say', text: 'hello there' });
    expect(did).toEqual([]);
    greet();
    await poll(() => did).toEqual(['said hello there']);
    await ask({ type: 'say', text: ' a room please ' });
    await ask({ type: 'keys', text: '4701#' });
    await ask({ type: 'hang_up' });
    expect(did.slice(1)).toEqual(['said a room please', 'pressed 4701#', 'hung up']);
  });

  it('after the call has ended the next words are a new call', async () => {
    await ask({ type: 'dial' });
    end();
    await poll(async () => (await ask({ type: 'dial' }))[1]['dialled']).toBe(true);
    expect(rooms).toHaveLength(2);
    expect(await ask({ type: 'hang_up' })).toEqual([200, { hungUp: true }]);
  });

  it.each([
    [{ type: 'shout', text: 'x' }, 'type: send'],
    [{ type: 'say' }, 'text: send 1 to 300'],
    [{ type: 'say', text: ' ' }, 'text: send 1 to 300'],
    [{ type: 'say', text: 'x'.repeat(301) }, 'text: send 1 to 300'],
    [{ type: 'keys', text: 'abc' }, 'text: a telephone has the keys'],
    [null, 'type: send'],
    ['{', 'JSON'],
  ])('%j is answered with what is wrong', async (body, error) => {
    const [status, answer] = await ask(body);
    expect(status).toBe(400);
    expect(answer['error']).toContain(error);
    expect(rooms).toEqual([]);
  });

  it('serves the console of this demo and no other page', async () => {
    expect((await ask({ type: 'dial' }, { origin: 'http://evil.example' }))[0]).toBe(403);
    expect(rooms).toEqual([]);
  });
});
