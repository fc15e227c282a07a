import * as fc from '../support/properties.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { callKeyOf, splitCallKey } from '../../src/runtime/call-key.ts';
import type { Failure } from '../../src/failure.ts';
import type { CallQueue } from '../../src/runtime/call-queue.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import { createIntake } from '../../src/runtime/intake.ts';
import { readWebhook } from '../../src/runtime/livekit-webhook.ts';
import type { LivekitWebhook } from '../../src/runtime/livekit-webhook.ts';
import { standingOf } from '../../src/runtime/standing.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { emptyRooms, joinedBody, leftBody, roomName, sipParticipant, webhookBody } from '../support/webhooks.ts';

const read = (body: unknown): LivekitWebhook => {
  const webhook = readWebhook(body);
  if ('field' in webhook) throw new Error(`${webhook.field}: ${webhook.message}`);
  return webhook;
};
const callKey = callKeyOf(roomName, 'SCL_abc');
const join = (n: number) => joinedBody({ sid: `PA_${n}`, attributes: { 'sip.callID': `SCL_${n}` } });

describe('intake', () => {
  let store: CallStore;
  let queue: CallQueue;
  let receive: (body: unknown) => Promise<string>;
  beforeEach(() => {
    const clock = createVirtualClock(1_795_237_876_000);
    store = createMemoryStore({ clock });
    queue = createInProcessQueue({ store, clock, maxWaiting: 2 });
    const intake = createIntake({ store, queue, participants: emptyRooms, roomPrefix: 'voice-ai-call', clock });
    receive = (body) => intake.receive(read(body));
  });
  const mail = async () => (await store.mail(callKey, 0)).map((letter) => letter.event);

  test('D3.4 R10.1 a SIP caller who joins is stored with all that is known of him, and the call waits to be run', async () => {
    expect(await receive(joinedBody())).toBe('stored');
    const caller = {
      identity: 'sip_+15550123',
      sid: 'PA_ViJdXkgPBTYf',
      kind: 'sip',
      callerKey: 'SCL_abc',
      phone: '+15550123',
      trunkPhone: '+4930123456',
    };
    expect(await mail()).toEqual([
      {
        id: 'joined:PA_ViJdXkgPBTYf',
        callKey,
        at: 1_795_237_876_000,
        fact: { type: 'door.caller_joined', room: roomName, caller },
      },
    ]);
    expect(queue.size().waiting).toBe(1);
    expect(await store.openIn(roomName)).toEqual([callKey]);
  });

  test('R4.1 D1.7 what LiveKit tells of an egress goes to those who asked for it, and nothing else of ours', async () => {
    const told: string[] = [];
    const egresses = {
      told: async ({ egressId, status }: { egressId: string; status: string }) => {
        told.push(`${egressId} ${status}`);
        return egressId === 'EG_1' ? ('stored' as const) : ('ignored' as const);
      },
    };
    const clock = createVirtualClock();
    const intake = createIntake({
      store,
      queue,
      participants: emptyRooms,
      egresses,
      roomPrefix: 'voice-ai-call',
      clock,
    });
    const tell = (event: string, egressInfo: unknown) => intake.receive(read({ event, id: 'EV_1', egressInfo }));
    expect(await tell('egress_started', { egressId: 'EG_1' })).toBe('stored');
    expect(await tell('egress_ended', { egressId: 'EG_2', status: 'EGRESS_FAILED' })).toBe('ignored');
    expect(await tell('egress_of_a_newer_server', { egressId: 7 })).toBe('ignored');
    expect(told).toEqual(['EG_1 starting', 'EG_2 failed']);
    expect(readWebhook({ event: 'egress_ended', id: 'EV_1', egressInfo: {} })).toMatchObject({
      field: 'egressInfo.egressId',
    });
  });

  test('R3.4 a leg that we called begins no call of its own; that it left is told to the call it belongs to', async () => {
    const attributes = { 'sip.callID': 'SCL_abc', 'voicechart.leg': 'out-1' };
    const order = { room: roomName, agent: 'a', to: '+4930123456', ringMs: 30_000 };
    const ours = callKeyOf(roomName, 'out-1');
    await store.ingest({ id: 'dial', callKey: ours, at: 0, fact: { type: 'door.dial_asked', order } });
    expect(await receive(joinedBody({ attributes }))).toBe('ignored');
    expect(queue.size().waiting).toBe(0);
    expect(await store.openIn(roomName)).toEqual([ours]);
    expect(await receive(leftBody({ attributes }))).toBe('stored');
    expect((await store.mail(ours, 1)).map(({ event }) => event.fact.type)).toEqual(['door.caller_left']);
  });

  test('R3.4 a leg that we called and that comes when its call is over is put out, and nobody waits for nobody', async () => {
    const put: unknown[] = [];
    let failure: Failure | undefined;
    const untold: string[] = [];
    const participants = { remove: async (who: unknown) => (put.push(who), failure) };
    const intake = createIntake({
      store,
      queue,
      participants,
      notPutOut: (_room, { message }) => void untold.push(message),
      roomPrefix: 'voice-ai-call',
      clock: createVirtualClock(),
    });
    const leg = read(joinedBody({ attributes: { 'voicechart.leg': 'out-1' } }));
    expect(await intake.receive(leg)).toBe('ended');
    expect(put).toEqual([{ room: roomName, identity: 'sip_+15550123' }]);
    failure = { vendor: 'livekit', phase: 'rest', class: 'network', retryable: true, message: 'no answer' };
    expect(await intake.receive(leg)).toBe('ended');
    expect(untold).toEqual(['no answer']);
    expect(await store.list()).toEqual([]);
  });

  test('R9.5 whom there is no place for is put out before he is a call; who has one comes in again', async () => {
    const put: string[] = [];
    const told: string[] = [];
    const untold: string[] = [];
    let failure: Failure | undefined;
    let why: string | undefined;
    const intake = createIntake({
      store,
      queue,
      participants: { remove: async ({ identity }) => (put.push(identity), failure) },
      gate: async (room) => (room === roomName ? why : 'asked of another room'),
      refused: (callKey, reason) => void told.push(`${callKey} ${reason}`),
      notPutOut: (_room, { message }) => void untold.push(message),
      roomPrefix: 'voice-ai-call',
      clock: createVirtualClock(),
    });
    why = 'no room is left: 3 of 3 are open';
    expect(await intake.receive(read(joinedBody()))).toBe('refused');
    expect([put, await store.list(), queue.size().waiting]).toEqual([['sip_+15550123'], [], 0]);
    expect(told).toEqual([`${callKeyOf(roomName, 'SCL_abc')} ${why}`]);
    failure = { vendor: 'livekit', phase: 'rest', class: 'network', retryable: true, message: 'no answer' };
    expect(await intake.receive(read(joinedBody()))).toBe('refused');
    expect(untold).toEqual(['no answer']);
    why = undefined;
    expect(await intake.receive(read(joinedBody()))).toBe('stored');
    why = 'no room is left: 3 of 3 are open';
    expect(await intake.receive(read(joinedBody()))).toBe('duplicate');
  });

  test('R9.5 D9.3 who was let in and could not be stored is not asked about again, however often he is told of', async () => {
    let asked = 0;
    let isFull = true;
    const intake = createIntake({
      store: { ...store, ingest: (event) => (isFull ? Promise.reject(new Error('full')) : store.ingest(event)) },
      queue,
      participants: emptyRooms,
      gate: async () => void (asked += 1),
      roomPrefix: 'voice-ai-call',
      clock: createVirtualClock(),
    });
    for (let times = 0; times < 20; times += 1)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(intake.receive(read(joinedBody()))).rejects.toThrow('full');
    isFull = false;
    expect([await intake.receive(read(joinedBody())), asked]).toEqual(['stored', 1]);
  });

  test('a participant whose token names him a caller is one; by identity where there is no SIP call', async () => {
    const participant = {
      sid: 'PA_2',
      identity: 'ada',
      attributes: { 'voicechart.role': 'caller', 'voicechart.agent': 'concierge' },
    };
    expect(await receive(webhookBody('participant_joined', { participant }))).toBe('stored');
    const [letter] = await store.mail(callKeyOf(roomName, 'ada'), 0);
    expect(letter?.event.fact).toMatchObject({
      caller: { identity: 'ada', kind: 'standard', callerKey: 'ada', agent: 'concierge' },
    });
  });

  test.each<[string, unknown]>([
    ['an agent', joinedBody({ kind: 'AGENT', attributes: {} })],
    ['a standard participant', joinedBody({ kind: undefined, attributes: {} })],
    ['another role', joinedBody({ kind: undefined, attributes: { 'voicechart.role': 'viewer' } })],
    ['a room of somebody else', webhookBody('participant_joined', {}, 'meeting-1')],
    ['the end of somebody else’s room', webhookBody('room_finished', {}, 'meeting-1')],
    ['room_started', webhookBody('room_started')],
    [
      'a track',
      webhookBody('track_published', { participant: { sid: 'PA_1', identity: 'x' }, track: { sid: 'TR_1' } }),
    ],
    ['an egress', { event: 'egress_ended', id: 'EV_1', egressInfo: { egressId: 'EG_1' } }],
    ['an event nobody knows', { event: 'room_painted', id: 'EV_1', room: 'blue' }],
  ])('%s is ignored', async (_, body) => {
    expect(await receive(body)).toBe('ignored');
    expect([await store.list(), queue.size().waiting]).toEqual([[], 0]);
  });

  test('the same webhook again is a duplicate, and asks again that somebody run the call', async () => {
    await receive(joinedBody());
    expect(await receive(joinedBody())).toBe('duplicate');
    expect([(await mail()).length, queue.size().waiting]).toEqual([1, 1]);
  });

  test('R10.1 whoever tells of a join or a leave, and by whatever name, it counts once', async () => {
    await receive(joinedBody());
    expect(await receive(joinedBody({}, { id: 'EV_other' }))).toBe('duplicate');
    await receive(leftBody());
    expect(await receive(leftBody({ disconnectReason: 'CONNECTION_TIMEOUT' }, { id: 'EV_late' }))).toBe('duplicate');
    expect((await mail()).map(({ id }) => id)).toEqual(['joined:PA_ViJdXkgPBTYf', 'left:PA_ViJdXkgPBTYf']);
  });

  test('a duplicate after the process died between storing and asking brings the call to run', async () => {
    await receive(joinedBody());
    const afterRestart = createInProcessQueue({ store, clock: createVirtualClock() });
    const intake = createIntake({
      store,
      queue: afterRestart,
      participants: emptyRooms,
      roomPrefix: 'voice-ai-call',
      clock: createVirtualClock(),
    });
    expect(await intake.receive(read(joinedBody()))).toBe('duplicate');
    expect(afterRestart.size().waiting).toBe(1);
  });

  test('a full queue is said, the call stays stored, and repeating it later succeeds', async () => {
    expect([await receive(join(1)), await receive(join(2)), await receive(join(3))]).toEqual([
      'stored',
      'stored',
      'full',
    ]);
    const end = new AbortController();
    void queue.run({ capacity: 10, signal: end.signal }, async () => {});
    await expect.poll(() => queue.size().waiting).toBe(0);
    expect(await receive(join(3))).toBe('duplicate');
    await expect.poll(async () => (await store.list()).at(-1)?.epoch).toBe(1);
    end.abort();
  });

  test('D4.3 a caller who left while ringing leaves a call that does not begin', async () => {
    await receive(joinedBody());
    expect(await receive(leftBody())).toBe('stored');
    const standing = standingOf(await store.mail(callKey, 0));
    expect(standing).toMatchObject({ room: roomName, isThere: false, roomFinished: false, leftAt: 1_795_237_876_000 });
  });

  test('the end of the room reaches every call in it, once', async () => {
    await receive(joinedBody());
    await receive(joinedBody({ sid: 'PA_2', attributes: { 'sip.callID': 'SCL_two' } }, { id: 'EV_2' }));
    expect(await receive(webhookBody('room_finished'))).toBe('stored');
    expect(await receive(webhookBody('room_finished'))).toBe('duplicate');
    for (const key of [callKey, callKeyOf(roomName, 'SCL_two')]) {
      const letters = await store.mail(key, 0);
      expect(letters.length).toBe(2);
      expect(standingOf(letters).roomFinished).toBe(true);
    }
  });

  test('the end of a room without calls is ignored', async () => {
    expect(await receive(webhookBody('room_finished'))).toBe('ignored');
  });

  test('events of an ended call say so, and begin nothing', async () => {
    await store.end(callKey, 0);
    expect(await receive(joinedBody({ sid: 'PA_new' }, { id: 'EV_new' }))).toBe('ended');
    expect(await receive(leftBody())).toBe('ended');
    expect([await store.list(), queue.size().waiting]).toEqual([[], 0]);
  });

  test('a caller who reconnects is the same call with a new leg', async () => {
    await receive(joinedBody());
    await receive(leftBody());
    await receive(joinedBody({ sid: 'PA_again' }, { id: 'EV_again' }));
    expect(standingOf(await store.mail(callKey, 0)).caller?.sid).toBe('PA_again');
    expect((await store.list()).length).toBe(1);
  });
});

describe('where a call stands', () => {
  test('is the same whatever order, repeats included, its mail came in', () => {
    type Leg = { sid: string; left: boolean };
    const legs = fc.uniqueArray(fc.record({ sid: fc.constantFrom('A', 'B', 'C', 'D'), left: fc.boolean() }), {
      minLength: 1,
      selector: (leg: Leg) => leg.sid,
    });
    fc.assert(
      fc.property(
        legs.filter((all) => all.filter((leg) => !leg.left).length <= 1),
        fc.infiniteStream(fc.nat()),
        (all, shuffle) => {
          const { sip } = { sip: { identity: 'sip', kind: 'sip', callerKey: 'k' } as const };
          const facts = all.flatMap(({ sid, left }) => [
            { type: 'door.caller_joined', room: 'r', caller: { ...sip, sid } } as const,
            ...(left ? [{ type: 'door.caller_left', sid, reason: '' } as const] : []),
          ]);
          const order = [...shuffle.take(facts.length)];
          const shuffled = facts.map((fact, n) => ({ fact, key: order[n]! })).sort((a, b) => a.key - b.key);
          const mail = shuffled.map(({ fact }, position) => ({
            position,
            event: { id: '', callKey: '', at: 0, fact },
          }));
          const { isThere, caller } = standingOf(mail);
          expect(isThere ? caller?.sid : undefined).toBe(all.find((leg) => !leg.left)?.sid);
        },
      ),
    );
  });
});

describe('call keys', () => {
  test('distinct rooms and callers have distinct keys, which give them back', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '~', '%', '7', 'E', '2', '5') });
    fc.assert(
      fc.property(name, name, name, name, (room, caller, otherRoom, otherCaller) => {
        const same = room === otherRoom && caller === otherCaller;
        expect(callKeyOf(room, caller) === callKeyOf(otherRoom, otherCaller)).toBe(same);
        expect(splitCallKey(callKeyOf(room, caller))).toEqual({ room, callerKey: caller });
      }),
    );
  });
});

describe('reading a webhook', () => {
  test.each<[unknown, string]>([
    [null, 'body'],
    [[], 'body'],
    ['{}', 'body'],
    [{}, 'event'],
    [{ event: 'participant_joined' }, 'id'],
    [{ event: 7, id: 'EV_1' }, 'event'],
    [{ event: 'room_finished', id: 'EV_1' }, 'room'],
    [{ event: 'participant_joined', id: 'EV_1', room: { name: 'r' } }, 'participant'],
    [joinedBody({ sid: undefined }), 'participant.sid'],
    [joinedBody({ identity: '' }), 'participant.identity'],
    [joinedBody({ attributes: { 'sip.callID': 7 } }), 'participant.attributes.sip.callID'],
    [webhookBody('participant_left', { room: { name: '' } }), 'room.name'],
  ])('%j names the field %s', (body, field) => {
    expect(readWebhook(body)).toMatchObject({ field, message: expect.any(String) });
  });

  test('unknown fields and numbers for enumerations pass', () => {
    expect(read(joinedBody({ kind: 3, disconnectReason: 1, hat: 'red' }))).toMatchObject({
      participant: { kind: 3, sid: sipParticipant()['sid'] },
    });
  });
});
