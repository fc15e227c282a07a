import type { ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { createLivekitTelephones } from '../../../src/adapters/livekit/telephones.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { systemClock } from '../../../src/clock.ts';
import { type Asked, oddLivekit, reply } from './odd-livekit.ts';

const trunk = { sipTrunkId: 'ST_1', name: 'carrier', numbers: ['+4930999', '+4930998'] };
const order = { room: 'r', callerKey: 'out-1', to: '+4930123456', ringMs: 20_000, maxCallMs: 600_000 } as const;
const { signal } = new AbortController();

/** Telephones over a server that has one trunk, and answers everything else so. */
async function telephones(answer: (response: ServerResponse, asked: Asked) => void, clock = systemClock) {
  const odd = await oddLivekit(
    (response, asked) =>
      asked.rpc === 'SIP/ListSIPOutboundTrunk' ? reply(response, 200, { items: [trunk] }) : answer(response, asked),
    { clock },
  );
  const rooms = { participants: async () => [] };
  const { dialer, transfer } = createLivekitTelephones({ api: odd.api, rooms, trunk: 'carrier' });
  const dials = () => odd.asked.filter(({ rpc }) => rpc === 'SIP/CreateSIPParticipant');
  return { odd, dialer, transfer, dials };
}

const twirp = (status: number, code: string, meta?: object) => (response: ServerResponse) =>
  reply(response, status, { code, msg: code, ...(meta && { meta }) });

describe('calling over LiveKit', () => {
  test('R3.4 R8.2 one request, with the trunk by its name, the key of the call, and a token that may call and nothing else', async () => {
    const { dialer, dials, odd } = await telephones((response) => reply(response, 200, { sipCallId: 'SCL_1' }));
    expect(await dialer.dial({ ...order, from: '+4930998' }, { signal })).toEqual({ result: 'answered' });
    expect(dials().map(({ body }) => body)).toEqual([
      {
        sipTrunkId: 'ST_1',
        sipCallTo: order.to,
        sipNumber: '+4930998',
        roomName: 'r',
        participantIdentity: `sip_${order.to}`,
        participantName: `Phone ${order.to}`,
        participantAttributes: { 'voicechart.leg': 'out-1' },
        ringingTimeout: '20s',
        maxCallDuration: '740s',
        waitUntilAnswered: true,
      },
    ]);
    const rights = odd.asked.map(({ token }) => decodeJwt(token));
    expect(rights[0]).toMatchObject({ sip: { admin: true } });
    expect(rights[1]).toMatchObject({ sip: { call: true } });
    for (const claims of rights) expect(claims['video']).toBeUndefined();
  });

  test.each([
    ['busy', 429, 'resource_exhausted', '486', { result: 'busy', sipStatus: 486 }],
    ['temporarily unavailable', 429, 'resource_exhausted', '480', { result: 'unreachable', sipStatus: 480 }],
    ['declined', 403, 'permission_denied', '603', { result: 'rejected', sipStatus: 603 }],
    ['forbidden', 403, 'permission_denied', '403', { result: 'rejected', sipStatus: 403 }],
    ['not found', 404, 'not_found', '404', { result: 'unreachable', sipStatus: 404 }],
    ['not acceptable', 400, 'invalid_argument', '488', { result: 'failed', sipStatus: 488 }],
    ['a gateway’s fault', 412, 'failed_precondition', '503', { result: 'failed', sipStatus: 503 }],
  ])('R3.4 %s: HTTP %i %s with SIP %s is told by its SIP status', async (_, status, code, sip, outcome) => {
    const { dialer, dials } = await telephones(twirp(status, code, { sip_status_code: sip, sip_status: 'x' }));
    expect(await dialer.dial(order, { signal })).toEqual({ ...outcome, message: expect.any(String) });
    expect(dials()).toHaveLength(1);
  });

  test.each([
    ['it rang until the time was over', 408, 'canceled', 'no_answer'],
    ['a gateway that says nothing in time', 408, 'deadline_exceeded', 'unknown'],
    ['the trunk’s address refuses', 412, 'failed_precondition', 'failed'],
    ['the trunk is gone', 404, 'not_found', 'failed'],
    ['no gateway is there', 503, 'unavailable', 'failed'],
    ['a real limit of rate', 429, 'resource_exhausted', 'failed'],
    ['our token is refused', 401, 'unauthenticated', 'failed'],
    ['a fault of its own, after which nobody knows', 500, 'internal', 'unknown'],
  ])('R3.4 %s: HTTP %i %s', async (_, status, code, result) => {
    const { dialer, dials } = await telephones(twirp(status, code));
    expect(await dialer.dial(order, { signal })).toMatchObject({ result });
    expect(dials()).toHaveLength(1);
  });

  test('R3.4 nobody is called any more whose call ended while the trunk was looked up', async () => {
    const stop = new AbortController();
    const odd = await oddLivekit((response) => {
      stop.abort();
      reply(response, 200, { items: [trunk] });
    });
    const rooms = { participants: async () => [] };
    const { dialer } = createLivekitTelephones({ api: odd.api, rooms, trunk: 'carrier' });
    expect(await dialer.dial(order, stop)).toMatchObject({ result: 'failed' });
    expect(odd.asked.map(({ rpc }) => rpc)).toEqual(['SIP/ListSIPOutboundTrunk']);
  });

  test('R3.4 a connection that breaks leaves it unknown, and nothing is sent again', async () => {
    const { dialer, dials } = await telephones((response) => void response.socket?.destroy());
    expect(await dialer.dial(order, { signal })).toMatchObject({ result: 'unknown' });
    expect(dials()).toHaveLength(1);
  });

  test('R3.4 an answer is waited for longer than it may ring, and then it is unknown', async () => {
    const came = Promise.withResolvers<void>();
    const clock = createVirtualClock(Date.now());
    const { dialer } = await telephones(() => came.resolve(), clock);
    let outcome: unknown;
    const dialling = dialer.dial(order, { signal }).then((each) => (outcome = each));
    await came.promise;
    await clock.advance(order.ringMs + 3_999);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(await dialling).toMatchObject({ result: 'unknown' });
  });

  test('R3.4 bad input: a number that the trunk does not have, a trunk that is not there, none at all: nobody is called', async () => {
    const { dialer, dials, odd } = await telephones(() => undefined);
    expect(await dialer.dial({ ...order, from: '+4930000' }, { signal })).toEqual({
      result: 'failed',
      message: 'the trunk carrier calls from +4930999, +4930998 only',
    });
    const rooms = { participants: async () => [] };
    const other = createLivekitTelephones({ api: odd.api, rooms, trunk: 'other' });
    expect(await other.dialer.dial(order, { signal })).toMatchObject({
      message: 'LiveKit has no outbound trunk other',
    });
    const none = createLivekitTelephones({ api: odd.api, rooms });
    expect(await none.dialer.dial(order, { signal })).toMatchObject({ result: 'failed' });
    expect(dials()).toEqual([]);
  });
});

describe('putting through over LiveKit', () => {
  test('R3.4 a REFER that was answered by nobody may have been followed', async () => {
    const { transfer } = await telephones(twirp(408, 'canceled'));
    const caller = { room: 'r', identity: 'sip_1' };
    expect(await transfer.refer(caller, 'tel:+49301', { ringMs: 20_000 })).toMatchObject({ result: 'unknown' });
  });

  test('R3.4 R8.2 one request with a token for this room', async () => {
    const { transfer, odd } = await telephones((response) => reply(response, 200));
    const caller = { room: 'r', identity: 'sip_1' };
    expect(await transfer.refer(caller, 'tel:+49301', { ringMs: 20_000 })).toEqual({ result: 'done' });
    expect(odd.asked).toMatchObject([
      { rpc: 'SIP/TransferSIPParticipant', body: { transferTo: 'tel:+49301', ringingTimeout: '20s' } },
    ]);
    expect(decodeJwt(odd.asked[0]!.token)).toMatchObject({
      sip: { call: true },
      video: { roomAdmin: true, room: 'r' },
    });
  });

  test.each([
    [403, 'permission_denied', { sip_status_code: '603' }, { result: 'rejected', sipStatus: 603 }],
    [429, 'resource_exhausted', { sip_status_code: '486' }, { result: 'busy', sipStatus: 486 }],
    [408, 'deadline_exceeded', undefined, { result: 'unknown' }],
    [408, 'deadline_exceeded', { sip_status_code: '408' }, { result: 'no_answer', sipStatus: 408 }],
    [404, 'not_found', undefined, { result: 'failed' }],
    [400, 'invalid_argument', undefined, { result: 'failed' }],
  ])('R3.4 HTTP %i %s %j: the caller stays', async (status, code, meta, outcome) => {
    const { transfer, odd } = await telephones(twirp(status, code, meta));
    expect(await transfer.refer({ room: 'r', identity: 'i' }, 'tel:+49301', { ringMs: 20_000 })).toMatchObject(outcome);
    expect(odd.asked).toHaveLength(1);
  });
});
