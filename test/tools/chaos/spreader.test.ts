import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startSpreader, type Spreader } from '../../../tools/chaos/spreader.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';

interface Came {
  readonly event: string;
  readonly authorization: string | undefined;
}

let came: Came[];
let answers: (authorization: string | undefined) => number;
let spreader: Spreader;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  came = [];
  answers = () => 200;
  const door = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => void (body += piece));
    request.on('end', () => {
      const { authorization } = request.headers;
      came.push({ event: JSON.parse(body).event, authorization });
      response.writeHead(answers(authorization)).end();
    });
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const doors = () => [`http://127.0.0.1:${(door.address() as AddressInfo).port}/`];
  // A webhook that is late by lot comes at once.
  spreader = await startSpreader({ port: await freeTcpPort(), random: () => 0, doors, apiKey: 'key' });
  closing.push(() => door.close(), spreader.close);
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function send(event: string, identity?: string): Promise<number> {
  const body = JSON.stringify({ event, ...(identity && { participant: { identity } }) });
  const answer = await fetch(spreader.url, { method: 'POST', headers: { authorization: 'signed' }, body });
  return answer.status;
}
const events = () => came.map(({ event }) => event);

test('what nobody disturbs goes to a door, whose answer LiveKit gets', async () => {
  answers = () => 503;
  expect(await send('room_started')).toBe(503);
  expect(came).toEqual([{ event: 'room_started', authorization: 'signed' }]);
});

test('one of three of each kind is lost, told as if it had come; a caller who joined is counted', async () => {
  spreader.suffer('lose', true);
  const all = [];
  for (const identity of ['agent-1', 'sip_1', 'sip_2', 'sip_3', 'sip_4'])
    all.push(await send('participant_joined', identity));
  expect(all).toEqual([200, 200, 200, 200, 200]);
  expect(came).toHaveLength(2);
  expect(spreader.counts).toMatchObject({ lost: 3, lostJoins: 2, passed: 2 });
});

test('a repeated one comes twice, a late one after LiveKit was answered', async () => {
  spreader.suffer('repeat', true);
  await send('room_started');
  await vi.waitFor(() => expect(events()).toEqual(['room_started', 'room_started']));
  spreader.suffer('repeat', false);
  spreader.suffer('delay', true);
  answers = () => 503;
  expect(await send('room_finished')).toBe(200);
  await vi.waitFor(() => expect(events()).toContain('room_finished'));
});

test('two forged ones come before each; one that is taken is counted', async () => {
  spreader.suffer('forge', true);
  answers = (authorization) => (authorization === 'signed' ? 200 : 401);
  await send('participant_joined', 'sip_1');
  expect(events()).toEqual(['room_finished', 'room_finished', 'participant_joined']);
  // The first of them has the signature of what it was made from: this door looks at no more than that.
  expect(spreader.counts).toMatchObject({ forged: 2, believed: 1 });
});
