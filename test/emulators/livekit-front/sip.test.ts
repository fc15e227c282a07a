import { SipCallError } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { openWorld, room, trunk, type World } from './stand-in.ts';

const number = '+15550123';
const dial = ({ sip }: World, options: object = {}) =>
  sip.createSipParticipant(trunk, number, room, { participantIdentity: 'callee', waitUntilAnswered: true, ...options });
const errorOf = (asking: Promise<unknown>) =>
  asking.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: any) => error,
  );

test('a callee that answers is dialled, rings and becomes active; the API answers then', async () => {
  const world = await openWorld({ settings: { callee: { does: 'answer', afterMs: 40, status: 486 } } });
  const info = await dial(world, { participantAttributes: { own: '1' } });
  const call = await world.front.called(number);
  expect(info).toMatchObject({ participantIdentity: 'callee', roomName: room, sipCallId: call.callId });
  expect(world.actors[0]!.statuses).toEqual(['dialing', 'ringing', 'active']);
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

test.each([
  [486, 'resource_exhausted', 429, 'USER_REJECTED', 'ringing'],
  [603, 'permission_denied', 403, 'USER_REJECTED', 'ringing'],
  [403, 'permission_denied', 403, 'USER_REJECTED', 'dialing'],
  [404, 'not_found', 404, 'USER_UNAVAILABLE', 'dialing'],
  [480, 'resource_exhausted', 429, 'USER_UNAVAILABLE', 'ringing'],
  [488, 'invalid_argument', 400, 'USER_REJECTED', 'dialing'],
  [500, 'failed_precondition', 412, 'CLIENT_INITIATED', 'dialing'],
  [503, 'failed_precondition', 412, 'CLIENT_INITIATED', 'dialing'],
])('R3.4 a callee that says %d is a %s, HTTP %d, %s, last %s', async (status, code, http, left, last) => {
  const world = await openWorld({ settings: { callees: { [number]: { does: 'refuse', status, afterMs: 40 } } } });
  const error = await errorOf(dial(world));
  expect(error).toBeInstanceOf(SipCallError);
  expect(error).toMatchObject({ code, status: http, metadata: { sip_status_code: String(status) } });
  expect(world.actors[0]!.left).toBe(left);
  expect(world.actors[0]!.statuses.at(-1)).toBe(last);
});
