import { fromCallback } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import { createTurnstile } from '../../src/runtime/hand-over.ts';
import type { CallLog } from '../../src/runtime/call-log.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import { createLiveCalls } from '../../src/runtime/live-calls.ts';
import { caller, hotel } from '../support/call-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const callKey = 'room~SCL_1';

/** A host over real stores in memory, which may be away; its actors only note that they run. */
async function hosted() {
  const clock = createVirtualClock(1_000_000);
  const memory = { store: createMemoryStore({ clock }), log: createMemoryLog() };
  const redis = { isAway: false, commits: 0 };
  const unlessAway = <Answer>(answer: () => Promise<Answer>): Promise<Answer> =>
    redis.isAway ? Promise.reject(new Error('away')) : answer();
  const store: CallStore = {
    ...memory.store,
    commit(record) {
      redis.commits += 1;
      return unlessAway(() => memory.store.commit(record));
    },
  };
  const log: CallLog = { ...memory.log, append: (...entries) => unlessAway(() => memory.log.append(...entries)) };
  const running = new Set<string>();
  const begun: string[] = [];
  const told: string[] = [];
  const noting = (name: string) =>
    fromCallback<any, any>(() => {
      running.add(name);
      begun.push(name);
      return () => void running.delete(name);
    });
  await store.ingest({ id: 'EV_1', callKey, at: 0, fact: { type: 'door.caller_joined', room: 'room', caller } });
  const { epoch } = (await store.claim(callKey))!;
  const machine = createCall({
    joinRoom: noting('line'),
    hangUp: noting('hangUp'),
    dial: noting('dial'),
    findLeg: noting('findLeg'),
    transfer: noting('transfer'),
    watchVoice: noting('voice'),
    transcribe: noting('stt'),
    play: noting('playback'),
    record: noting('recording'),
    reply: createReply({
      think: noting('think'),
      speak: noting('speak'),
      runTools: noting('tools'),
      playClip: noting('clip'),
    }),
  });
  const host = createCallHost({
    callKey,
    handedOver: () => void told.push(running.has('line') ? 'in its room' : 'gone'),
    room: 'room',
    epoch,
    livekitHost: 'ws://test',
    agent: hotel,
    machine,
    clock,
    store,
    log,
  });
  const now = () => clock.now();
  return { clock, store, log, host, running, begun, told, now, redis };
}

/** A host whose agent greets the caller. */
async function greeting() {
  const call = await hosted();
  const { host, now } = call;
  const tell = (type: 'playback.started' | 'playback.finished') =>
    host.send({ type, turn: host.context().turn, at: now() });
  host.send({ type: 'line.joined', at: now() });
  host.send({ type: 'caller.joined', caller, at: now() });
  host.send({ type: 'caller.answered', at: now() });
  tell('playback.started');
  tell('playback.finished');
  tell('playback.started');
  return { ...call, finish: () => tell('playback.finished') };
}

/** Commits and logs are promises beside the clock. */
const written = async (clock: { advance(ms: number): Promise<void> }) => {
  for (let step = 0; step < 5; step += 1)
    // oxlint-disable-next-line no-await-in-loop
    await clock.advance(100);
};

describe('the host of a call', () => {
  it('saves what changed, under its epoch', async () => {
    const { host, store, clock, now } = await hosted();
    host.send({ type: 'line.joined', at: now() });
    await written(clock);
    expect(await store.load(callKey)).toMatchObject({ epoch: 1, livekitHost: 'ws://test', context: { epoch: 1 } });
  });

  it('stops at once when another has claimed the call, and hangs up on nobody', async () => {
    const { host, store, clock, running, begun, now } = await hosted();
    host.send({ type: 'line.joined', at: now() });
    host.send({ type: 'caller.joined', caller, at: now() });
    host.send({ type: 'caller.answered', at: now() });
    await written(clock);
    expect(running).toContain('playback');
    expect(await store.claim(callKey)).toMatchObject({ epoch: 2 });
    host.send({ type: 'caller.digit', digit: '1', at: now() });
    await written(clock);
    expect(await host.ended).toBe('fenced');
    expect([...running]).toEqual([]);
    expect(begun).not.toContain('hangUp');
    expect(await host.committed()).toBe(false);
  });

  it('is let go without ending the call: its record stays, and its log has no end', async () => {
    const { host, store, log, clock, running, now } = await hosted();
    host.send({ type: 'line.joined', at: now() });
    host.send({ type: 'caller.joined', caller, at: now() });
    await written(clock);
    const letGo = host.abandon();
    await written(clock);
    await letGo;
    expect(await host.ended).toBe('abandoned');
    expect([...running]).toEqual([]);
    expect(await store.load(callKey)).toMatchObject({ context: { caller: { sid: caller.sid } } });
    expect(await log.summary(callKey)).not.toHaveProperty('endedAt');
  });

  it('R10.1 goes on while the store is away, and the newest state and the whole log are there within 2 s of its return', async () => {
    const { host, store, log, clock, running, now, redis } = await hosted();
    host.send({ type: 'line.joined', at: now() });
    await written(clock);
    const before = { record: await store.load(callKey), entries: (await log.read(callKey)).length };
    Object.assign(redis, { isAway: true, commits: 0 });
    host.send({ type: 'caller.joined', caller, at: now() });
    host.send({ type: 'caller.answered', at: now() });
    expect(await host.committed()).toBe(false);
    expect(running).toContain('playback');
    await clock.advance(5000);
    expect(running).toContain('line');
    expect(await store.load(callKey)).toEqual(before.record);
    expect(redis.commits).toBeLessThan(20);
    redis.isAway = false;
    await clock.advance(2000);
    expect(await store.load(callKey)).toMatchObject({ value: host.value(), context: host.context() });
    const entries = await log.read(callKey);
    expect(entries.length).toBeGreaterThan(before.entries + 5);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  });

  it('R10.1 that ends while the store is away has its end in the log once it is back', async () => {
    const { host, log, clock, now, redis } = await hosted();
    await written(clock);
    redis.isAway = true;
    host.send({ type: 'call.room_gone', at: now() });
    await clock.advance(10_000);
    await host.ended;
    expect(await log.summary(callKey)).not.toHaveProperty('endedAt');
    redis.isAway = false;
    await clock.advance(2000);
    expect(await log.summary(callKey)).toHaveProperty('endedAt');
    await host.letGo();
  });

  it('S3 is handed over between two turns, and what is saved says so', async () => {
    const { host, store, clock, finish } = await greeting();
    const gone = host.handOver(20_000).then(() => clock.now());
    await clock.advance(5000);
    finish();
    const finishedAt = clock.now();
    await written(clock);
    expect((await gone) - finishedAt).toBe(0);
    expect(await host.ended).toBe('abandoned');
    const { value } = (await store.load(callKey))!;
    expect(value).toMatchObject({ live: { conversation: { talking: { listening: 'handedOver' } } } });
  });

  it('S3 D9.1 its line is told once before it is left, so that it can stay; of one that is abandoned it is not', async () => {
    const handed = await greeting();
    handed.finish();
    const gone = handed.host.handOver(20_000);
    await written(handed.clock);
    await gone;
    const cut = await greeting();
    const cutGone = cut.host.handOver(3000);
    await cut.clock.advance(4000);
    await cutGone;
    const abandoned = await greeting();
    const end = abandoned.host.abandon();
    await written(abandoned.clock);
    await end;
    expect([handed.told, cut.told, abandoned.told]).toEqual([['in its room'], ['in its room'], []]);
  });

  it('S3 waits for its turn among others, and is not handed over when the caller speaks by then', async () => {
    const { host, clock, finish, now } = await greeting();
    finish();
    const { promise: mine, resolve: take } = Promise.withResolvers<void>();
    const gone = host.handOver(20_000, () => mine);
    await written(clock);
    host.send({ type: 'caller.voice_started', onsetMs: 60, levelDb: -20, at: now() });
    take();
    await written(clock);
    expect(JSON.stringify(host.value())).toContain('callerTalking');
    host.send({ type: 'caller.voice_stopped', quietMs: 120, echo: false, at: now() });
    await clock.advance(20_000);
    await gone;
  });

  it('S3 calls that could all leave at once leave one after another', async () => {
    const clock = createVirtualClock(0);
    const turn = createTurnstile(clock, 300, new AbortController().signal);
    const left: number[] = [];
    for (let call = 0; call < 3; call += 1) void turn().then(() => left.push(clock.now()));
    await clock.advance(2000);
    void turn().then(() => left.push(clock.now()));
    await clock.advance(1);
    expect(left).toEqual([0, 300, 600, 2000]);
  });

  it('S3 is let go of in the middle of a turn that lasts too long', async () => {
    const { host, store, clock } = await greeting();
    const gone = host.handOver(3000).then(() => clock.now());
    const askedAt = clock.now();
    await clock.advance(4000);
    expect((await gone) - askedAt).toBe(3000);
    const { value } = (await store.load(callKey))!;
    expect(value).toMatchObject({ live: { conversation: { talking: { opening: { greeting: {} } } } } });
  });

  it('S3 is not let go of while the caller is put through, of which the next owner would never learn the outcome', async () => {
    const { host, store, clock, finish, now } = await greeting();
    finish();
    host.send({ type: 'call.transfer', person: 'frontDesk', at: now() });
    const { turn } = host.context();
    host.send({ type: 'playback.started', turn, at: now() });
    host.send({ type: 'playback.finished', turn, at: now() });
    let isGone = false;
    const gone = host.handOver(3000).then(() => (isGone = true));
    await clock.advance(10_000);
    expect(isGone).toBe(false);
    host.send({ type: 'transfer.failed', outcome: { result: 'busy' }, at: now() });
    await written(clock);
    await gone;
    const { value, context } = (await store.load(callKey))!;
    expect(value).toMatchObject({ live: { conversation: { talking: { replying: {} } } } });
    expect(JSON.stringify(context)).toContain('frontDesk is busy');
  });

  it('S3 that ends by itself meanwhile is over', async () => {
    const { host, clock, now } = await greeting();
    const gone = host.handOver(20_000);
    host.send({ type: 'line.fenced', reason: 'agent-SCL_1-2 has taken over', at: now() });
    await written(clock);
    await gone;
    expect(await host.ended).toBe('fenced');
  });

  it('leaves the room to a newer owner that it meets there', async () => {
    const { host, log, clock, running, begun, now } = await hosted();
    host.send({ type: 'line.joined', at: now() });
    host.send({ type: 'line.fenced', reason: 'agent-SCL_1-2 has taken over', at: now() });
    await written(clock);
    expect(await host.ended).toBe('fenced');
    expect([...running]).toEqual([]);
    expect(begun).not.toContain('hangUp');
    // The newer one may not have written yet: for everybody who reads the log the call goes on.
    expect(await log.summary(callKey)).not.toHaveProperty('endedAt');
    expect((await log.read(callKey)).map(({ kind }) => kind)).toContain('event');
  });

  it('takes no word from an operator while it rings or says goodbye, and says so', async () => {
    const { host, log, clock, now } = await hosted();
    const calls = createLiveCalls({ log, clock, pid: 1 });
    calls.add(host);
    const say = () => calls.command(callKey, { type: 'say', text: 'Dinner is served.' });
    expect(await say()).toBe('untimely');
    host.send({ type: 'line.joined', at: now() });
    host.send({ type: 'caller.joined', caller, at: now() });
    host.send({ type: 'caller.answered', at: now() });
    expect(await say()).toBe('taken');
    expect(await calls.command(callKey, { type: 'hang_up' })).toBe('taken');
    expect(await say()).toBe('untimely');
    expect(await calls.command(callKey, { type: 'hang_up' })).toBe('taken');
    expect(await calls.command(callKey, { type: 'hang_up' })).toBe('untimely');
  });
});
