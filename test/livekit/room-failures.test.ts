import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { RoomFact } from '../../src/actors/room.ts';
import { createTokenSigner } from '../../src/adapters/jose/token-signer.ts';
import { createLivekitLine, type LivekitLineOptions } from '../../src/adapters/livekit/line.ts';
import { systemClock } from '../../src/clock.ts';
import { joinNoting } from '../support/contracts/line-world.ts';
import { newRoomName, sharedLivekit } from '../support/hub.ts';
import { ringOf } from '../support/keys.ts';
import { disposeAtEnd, livekitRooms, openLivekitWorld, sleep, untilTrue } from './livekit-world.ts';

disposeAtEnd();

function joinWith(options: Partial<LivekitLineOptions>, secret = sharedLivekit().apiSecret) {
  const access = { ...sharedLivekit(), ...(options.url && { url: options.url }) };
  const { url, apiKey } = access;
  const { rooms, close } = livekitRooms(access);
  const line = createLivekitLine({
    url,
    signer: createTokenSigner(ringOf([apiKey, secret])),
    rooms,
    roomName: newRoomName(),
    identity: 'agent-1',
    agentName: 'Tester',
    clock: systemClock,
    look: () => undefined,
    ...options,
  });
  onTestFinished(async () => {
    await line.close();
    await close();
  });
  const facts: RoomFact[] = [];
  const stop = new AbortController();
  line.room.join({ signal: stop.signal }, (fact) => facts.push(fact));
  return { line, facts, stop };
}

async function firstFact(facts: readonly RoomFact[]): Promise<RoomFact | undefined> {
  await untilTrue(() => facts.length > 0, 'a fact');
  return facts[0];
}

test('D2.2 a wrong secret is a failure of class auth, and no token is in its words', async () => {
  const { facts } = joinWith({}, '0123456789012345678901234567890123456789');
  const fact = await firstFact(facts);
  expect(fact).toMatchObject({ type: 'line.failed', failure: { vendor: 'livekit', class: 'auth', retryable: false } });
  expect(JSON.stringify(fact)).not.toMatch(/eyJ/);
});

test('a server that is not there is a failure of class network', async () => {
  const { facts } = joinWith({ url: 'ws://127.0.0.1:9' });
  expect(await firstFact(facts)).toMatchObject({
    type: 'line.failed',
    failure: { class: 'network', phase: 'connect', retryable: true },
  });
});

test('a server that never answers can be given up at once, and nothing is reported afterwards', async () => {
  const sockets: { destroy(): void }[] = [];
  const mute = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { facts, stop, line } = joinWith({ url: `ws://127.0.0.1:${port}` });
  await untilTrue(() => sockets.length > 0, 'the connection');
  stop.abort();
  mute.close();
  for (const socket of sockets) socket.destroy();
  await line.close();
  expect(facts).toEqual([]);
});

test('hanging up where no server is answers with a failure; where no room is, it is done', async () => {
  const { line } = joinWith({ url: 'ws://127.0.0.1:9' });
  expect(await line.room.hangUp()).toMatchObject({ class: 'network', phase: 'rest' });
  const there = joinWith({});
  there.stop.abort();
  expect(await there.line.room.hangUp()).toBeUndefined();
});

test('a room that vanishes while the agent joins is a last fact, or a room of its own without a caller', async () => {
  const world = await openLivekitWorld();
  onTestFinished(() => world.end());
  const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_vanish' });
  const { facts } = joinNoting(world);
  await world.closeRoom();
  await untilTrue(() => facts.length > 0, 'a fact');
  await untilTrue(() => !phone.isPresent(), 'the phone put out');
  expect(['line.closed', 'line.failed', 'line.joined']).toContain(facts[0]?.type);
  // A join makes the room anew: that nobody is there is for the machine's deadline to see.
  expect(await world.room.hangUp()).toBeUndefined();
  await untilTrue(() => facts.at(-1)?.type.startsWith('line.') === true, 'what came of it');
});

test('the agent is of kind agent, shows its name and state, and the newest state wins', async () => {
  const world = await openLivekitWorld();
  onTestFinished(() => world.end());
  const { reported } = joinNoting(world);
  await reported('line.joined');
  for (const state of ['listening', 'thinking', 'speaking'] as const) world.room.showState(state);
  let attributes: Record<string, string> = {};
  const look = async () => {
    const agent = await world.api.getParticipant(world.roomName, 'agent-1');
    expect(agent.kind).toBe(4);
    attributes = agent.attributes;
  };
  for (let tries = 0; tries < 100 && attributes['lk.agent.state'] !== 'speaking'; tries += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await look();
    // oxlint-disable-next-line no-await-in-loop
    await sleep(50);
  }
  expect(attributes).toMatchObject({
    'lk.agent.state': 'speaking',
    'lk.agent.name': 'Tester',
    'voicechart.role': 'agent',
  });
});

test('rtc-node says nothing on stdout, leaves NODE_ENV as it was, and lets the process end', async () => {
  const { url } = sharedLivekit();
  const rtc = new URL('../../src/adapters/livekit/rtc.ts', import.meta.url).href;
  const program = `
    const { loadRtc, disposeRtc } = await import(${JSON.stringify(rtc)});
    const { Room } = await loadRtc();
    await new Room().connect(${JSON.stringify(url)}, 'no token').catch(() => undefined);
    await disposeRtc();
    process.stdout.write([process.env.NODE_ENV, process.stdout.fd].join());`;
  const { NODE_ENV: _, ...env } = process.env;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 });
  expect(stdout).toBe(',1');
});
