import { SipCallError } from 'livekit-server-sdk';
import { describe, expect, test } from 'vitest';
import type { Cast } from '../../../emulators/livekit/cast.ts';
import type { LiveKitFrontSettingsInput } from '../../../emulators/livekit/settings.ts';
import { errorOf, openWorld, relayed, room, trunk, type World } from './stand-in.ts';

const number = '+15550123';
type Does = NonNullable<LiveKitFrontSettingsInput['callee']>;

const worldWhere = (callee: Does) => openWorld({ settings: { callees: { [number]: callee } } });
const dial = ({ sip }: World, options: object = {}) =>
  sip.createSipParticipant(trunk, number, room, { participantIdentity: 'callee', waitUntilAnswered: true, ...options });

describe('a call out', () => {
  test('is dialled, rings and becomes active; the API answers then', async () => {
    const world = await worldWhere({ afterMs: 40 });
    const info = await dial(world, { participantAttributes: { own: '1' }, headers: { 'X-Own': '2' } });
    const call = await world.front.called(number);
    expect(info).toMatchObject({ participantIdentity: 'callee', roomName: room, sipCallId: call.callId });
    expect(world.actors[0]!.statuses).toEqual(['dialing', 'ringing', 'active']);
    expect(call.outgoing.headers).toEqual({ 'X-Of-Trunk': '1', 'X-Own': '2' });
    expect(world.actors[0]!.part.role).toMatchObject({
      kind: 'sip',
      attributes: {
        own: '1',
        'sip.callID': expect.stringMatching(/^SCL_/),
        'sip.phoneNumber': number,
        'sip.trunkPhoneNumber': '+15550100',
        'sip.hostname': '127.0.0.1:5080',
        'sip.trunkID': trunk,
      },
    });
  });

  test('that nobody waits for is answered at once; its end is told by its participant alone', async () => {
    const world = await worldWhere({ does: 'ring' });
    await dial(world, { waitUntilAnswered: false });
    const call = await world.front.called(number);
    await call.refuse(486);
    expect(world.actors[0]!.left).toBe('USER_REJECTED');
  });

  test('hides its numbers where that is asked', async () => {
    const world = await worldWhere({ afterMs: 0 });
    await dial(world, { hidePhoneNumber: true });
    const { attributes } = world.actors[0]!.part.role;
    expect(Object.keys(attributes)).toEqual(['sip.trunkID', 'sip.callID', 'sip.callStatus']);
  });

  test('sends its digits before it is active: one key in 540 ms, half a second for a w', async () => {
    const world = await worldWhere({ afterMs: 0 });
    const startMs = Date.now();
    await dial(world, { dtmf: '1w2#' });
    expect(Date.now() - startMs).toBeGreaterThan(2000);
    expect(world.actors[0]!.keys).toBe('12#');
    expect(world.actors[0]!.statuses).toEqual(['dialing', 'automation', 'active']);
  });

  test.each([
    [486, 'resource_exhausted', 429, 'USER_REJECTED', 'ringing'],
    [603, 'permission_denied', 403, 'USER_REJECTED', 'ringing'],
    [403, 'permission_denied', 403, 'USER_REJECTED', 'dialing'],
    [404, 'not_found', 404, 'USER_UNAVAILABLE', 'dialing'],
    [480, 'resource_exhausted', 429, 'USER_UNAVAILABLE', 'ringing'],
    [488, 'invalid_argument', 400, 'USER_REJECTED', 'dialing'],
    [500, 'failed_precondition', 412, 'CLIENT_INITIATED', 'dialing'],
    [503, 'failed_precondition', 412, 'CLIENT_INITIATED', 'dialing'],
    [302, 'not_found', 404, 'CLIENT_INITIATED', 'dialing'],
  ])('to one who says %d ends as %s, HTTP %d, %s, last %s', async (status, code, http, left, last) => {
    const world = await worldWhere({ does: 'refuse', status, afterMs: 40 });
    const error = await errorOf(dial(world));
    expect(error).toBeInstanceOf(SipCallError);
    expect(error).toMatchObject({ code, status: http, metadata: { sip_status_code: String(status) } });
    expect(world.actors[0]).toMatchObject({ left });
    expect(world.actors[0]!.statuses.at(-1)).toBe(last);
  });

  test('that was refused says so once more as a google.rpc.Status', async () => {
    const world = await worldWhere({ does: 'refuse', status: 486, afterMs: 10 });
    const { metadata } = (await errorOf(dial(world))) as SipCallError;
    expect(Buffer.from(metadata!['error_details']!, 'base64').toString('latin1')).toBe(
      '\x08\x08\x12)INVITE failed: sip status: 486: Busy Here' +
        '\x1a7\n%type.googleapis.com/livekit.SIPStatus\x12\x0e\x08\xe6\x03\x12\tBusy Here',
    );
  });

  test('whose room goes away while it is joined is canceled at once', async () => {
    const cast: Cast = {
      join({ onEvent }) {
        onEvent!({ atMs: 0, type: 'ended', reason: 'ROOM_DELETED', sip: 486 });
        return new Promise(() => undefined);
      },
      close: async () => undefined,
    };
    const error = await errorOf(dial(await openWorld({ cast })));
    expect(error).toMatchObject({ code: 'canceled', status: 408, message: relayed('sip request timed out') });
  });

  test.each([401, 407])('to one who says %d fails without a SIP status: the trunk has no login', async (status) => {
    const world = await worldWhere({ does: 'refuse', status, afterMs: 10 });
    const error = await errorOf(dial(world));
    expect(error).not.toBeInstanceOf(SipCallError);
    expect(error).toMatchObject({ code: 'failed_precondition', status: 412 });
    expect(world.actors[0]).toMatchObject({ left: 'USER_REJECTED' });
  });

  const timedOut = { code: 'canceled', status: 408, message: relayed('sip request timed out'), metadata: undefined };

  test.each([
    ['rings', 'ring', 'ringing'],
    ['does not answer the INVITE', 'nothing', 'dialing'],
  ] as const)('to one who %s ends when the time to ring is over', async (_, does, last) => {
    const world = await worldWhere({ does });
    expect(await errorOf(dial(world, { ringingTimeout: 1 }))).toMatchObject(timedOut);
    expect(world.actors[0]).toMatchObject({ left: 'USER_UNAVAILABLE' });
    expect(world.actors[0]!.statuses.at(-1)).toBe(last);
  });

  test('to an address where nobody listens fails at once', async () => {
    const world = await worldWhere({ does: 'no_tcp' });
    const error = await errorOf(dial(world));
    expect(error).toMatchObject({ code: 'failed_precondition', status: 412, metadata: undefined });
    expect(error.message).toMatch(/transport<TCP> dial err=.*connection refused$/);
    expect(world.actors[0]).toMatchObject({ left: 'CLIENT_INITIATED', statuses: ['dialing'] });
  });

  test('whose room is deleted while it rings is cancelled', async () => {
    const world = await worldWhere({ does: 'ring' });
    const dialled = errorOf(dial(world));
    await world.front.called(number);
    world.actors[0]!.dropOut('ROOM_DELETED');
    expect(await dialled).toMatchObject(timedOut);
  });

  test('to an unknown trunk is refused, and there is no participant', async () => {
    const world = await openWorld();
    const error = await errorOf(world.sip.createSipParticipant('ST_none', number, room));
    expect(error).toMatchObject({ code: 'not_found', status: 404, message: 'requested sip trunk does not exist' });
    expect(error.metadata).toBeUndefined();
    expect(world.actors).toEqual([]);
  });

  test.each([
    ['a number with a host', '+1555@example.com', 'SipCallTo should be a phone number or SIP user, not a full SIP URI'],
    ['no number', '', 'missing sip callee number'],
  ])('with %s is refused', async (_, to, message) => {
    const world = await openWorld();
    const error = await errorOf(world.sip.createSipParticipant(trunk, to, room));
    expect(error).toMatchObject({ code: 'invalid_argument', status: 400, message });
  });

  test('ends when the callee hangs up, and at its longest', async () => {
    const world = await worldWhere({ afterMs: 0, hangUpAfterMs: 20 });
    await dial(world);
    await expect.poll(() => world.actors[0]!.statuses.at(-1)).toBe('hangup');
    const other = await worldWhere({ afterMs: 0 });
    await dial(other, { maxCallDuration: 1 });
    const startMs = Date.now();
    await expect.poll(() => other.actors[0]!.left).toBe('hung_up');
    expect(Date.now() - startMs).toBeGreaterThan(700);
  });

  test('is asked for by its number, whoever else is called', async () => {
    const world = await openWorld({ settings: { callee: { afterMs: 0 } } });
    const asked = world.front.called('+2');
    await world.sip.createSipParticipant(trunk, '+1', room, { participantIdentity: 'a' });
    await world.sip.createSipParticipant(trunk, '+2', room, { participantIdentity: 'b' });
    expect((await asked).outgoing.identity).toBe('b');
    expect((await world.front.called()).outgoing.identity).toBe('a');
  });
});

async function active(settings: LiveKitFrontSettingsInput = {}) {
  const world = await openWorld({ settings: { callee: { afterMs: 0 }, ...settings } });
  await dial(world);
  return world;
}

describe('a transfer', () => {
  const target = 'tel:+15550777';

  test('succeeds on the NOTIFY 200; the gateway hangs up a second later', async () => {
    const world = await active({ transfer: { afterMs: 20 } });
    const started = Date.now();
    await world.sip.transferSipParticipant(room, 'callee', target, { headers: { 'X-Why': 'asked' } });
    expect(world.actors[0]!.left).toBeUndefined();
    await expect.poll(() => world.actors[0]!.left).toBe('hung_up');
    expect(Date.now() - started).toBeGreaterThan(950);
    const [referred] = world.front.journal.entries({ type: 'transfer.referred' });
    expect(referred).toMatchObject({ target, headers: { 'X-Why': 'asked' } });
  });

  test.each([
    ['refuse', undefined, 'permission_denied', 403, '603'],
    ['fail', 486, 'resource_exhausted', 429, '486'],
    ['fail', 404, 'not_found', 404, '404'],
  ] as const)('that ends in %s %s is %s, HTTP %d, and the call stays', async (does, status, code, http, sip) => {
    const plan = { does, afterMs: 10, ...(status === undefined ? {} : { status }) };
    const world = await active({ transfers: { [target]: plan } });
    const error = await errorOf(world.sip.transferSipParticipant(room, 'callee', target));
    expect(error).toMatchObject({ code, status: http, metadata: { sip_status_code: sip } });
    expect(world.actors[0]!.left).toBeUndefined();
  });

  test('without a NOTIFY ends at the time to ring', async () => {
    const world = await active({ transfer: { does: 'nothing' } });
    const error = await errorOf(world.sip.transferSipParticipant(room, 'callee', target, { ringingTimeout: 1 }));
    expect(error).toMatchObject({ code: 'deadline_exceeded', status: 408, message: relayed('request timed out') });
  });

  test('counts as done when the call ends after its REFER was accepted', async () => {
    const world = await active({ transfer: { does: 'nothing' } });
    const transfer = world.sip.transferSipParticipant(room, 'callee', target, { ringingTimeout: 60 });
    await world.front.journal.waitFor(({ type }) => type === 'transfer.referred');
    await (await world.front.called()).hangUp();
    await transfer;
  });

  test('of a telephone that still rings ends at the time to ring', async () => {
    const world = await worldWhere({ does: 'ring' });
    await dial(world, { waitUntilAnswered: false });
    const error = await errorOf(world.sip.transferSipParticipant(room, 'callee', target, { ringingTimeout: 1 }));
    expect(error).toMatchObject({ code: 'deadline_exceeded', status: 408, message: relayed('request timed out') });
  });

  test('a second one to elsewhere is refused while the first is open', async () => {
    const world = await active({ transfer: { afterMs: 300 } });
    const first = world.sip.transferSipParticipant(room, 'callee', target);
    await world.front.journal.waitFor(({ type }) => type === 'transfer.referred');
    const error = await errorOf(world.sip.transferSipParticipant(room, 'callee', 'sip:desk@pbx'));
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: relayed('call already being transferred elsewhere'),
    });
    await first;
  });

  test.each([
    ['to nowhere', 'callee', '+15550777', 'invalid_argument', 400, /valid SIP\(s\) or TEL URI/],
    ['of nobody', 'nobody', target, 'not_found', 404, /^participant does not exist$/],
    ['of one without a telephone', 'bot', target, 'invalid_argument', 400, /no SIP session/],
  ] as const)('%s is refused and nothing is sent', async (_, who, to, code, status, message) => {
    const world = await active();
    world.standIn.participants.set('bot', { attributes: {}, metadata: '', tracks: [] });
    const error = await errorOf(world.sip.transferSipParticipant(room, who, to));
    expect(error).toMatchObject({ code, status, message: expect.stringMatching(message) });
    expect(world.front.journal.entries({ type: 'transfer.referred' })).toEqual([]);
  });
});
