import { beforeEach, describe, expect, it } from 'vitest';
import { createInProcessQueue } from '../../../src/adapters/memory/call-queue.ts';
import { createMemoryStore } from '../../../src/adapters/memory/call-store.ts';
import { createIntake } from '../../../src/runtime/intake.ts';
import { readWebhook } from '../../../src/runtime/livekit-webhook.ts';
import type { OutboundRequest } from '../../../src/runtime/outbound.ts';
import { callerGate, guardedOutbound, tellingAborts } from '../../../src/runtime/security/telephones.ts';
import { securityBench } from '../../support/security-bench.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { joinedBody, roomName, webhookBody } from '../../support/webhooks.ts';

const minuteMs = 60_000;
const premium = ['+49900', '+1900'];

let clock: VirtualClock;
let bench: ReturnType<typeof securityBench>;
beforeEach(() => {
  clock = createVirtualClock(1_800_000_000_000);
  bench = securityBench(clock);
});

function door() {
  const out: string[] = [];
  const store = createMemoryStore({ clock });
  const { security } = bench;
  const intake = createIntake({
    store,
    queue: createInProcessQueue({ store, clock }),
    participants: { remove: async ({ identity }) => void out.push(identity) },
    gate: callerGate({ security, clock, premium }, undefined),
    roomPrefix: 'voice-ai-call',
    clock,
  });
  const guarded = tellingAborts(intake, { security });
  const receive = (body: unknown) => {
    const webhook = readWebhook(body);
    if ('field' in webhook) throw new Error(webhook.message);
    return guarded.receive(webhook);
  };
  let calls = 0;
  const call = (phone: string, room = `voice-ai-call_${++calls}`) => {
    const attributes = { 'sip.callID': `SCL_${room}`, ...(phone ? { 'sip.phoneNumber': phone } : {}) };
    return receive(joinedBody({ identity: `sip_${phone}`, attributes }, { id: `EV_${room}`, room: { name: room } }));
  };
  return { receive, call, out };
}

describe('callers', () => {
  it('R8.5 one number that calls too often hears that we are busy, for a while, and others do not', async () => {
    const { call, out } = door();
    const outcomes = [];
    // oxlint-disable-next-line no-await-in-loop
    for (let time = 0; time < 5; time += 1) outcomes.push(await call('+15550123'));
    expect(outcomes).toEqual(['stored', 'stored', 'stored', 'refused', 'refused']);
    expect(out).toEqual(['sip_+15550123', 'sip_+15550123']);
    expect(await call('+15550124')).toBe('stored');
    expect(bench.alerts).toMatchObject([{ target: 'call_burst', severity: 'warning' }]);
    await clock.advance(10 * minuteMs);
    expect(await call('+15550123')).toBe('stored');
  });

  it('R8.5 who is in a call stays in it: the same webhook again, or a leg that comes back, is no new call', async () => {
    const { call, out } = door();
    await call('+15550123', 'voice-ai-call_own');
    // oxlint-disable-next-line no-await-in-loop
    for (let time = 0; time < 9; time += 1) await call('+15550123');
    expect(await call('+15550123', 'voice-ai-call_own')).toBe('duplicate');
    expect(out).toHaveLength(7);
  });

  it('R8.5 who keeps their number back is not one caller', async () => {
    const { call } = door();
    for (const phone of ['', 'anonymous', '', 'anonymous', '', ''])
      // oxlint-disable-next-line no-await-in-loop
      expect(await call(phone)).toBe('stored');
  });

  it('R8.5 premium numbers that call are told, and answered', async () => {
    const { call } = door();
    // oxlint-disable-next-line no-await-in-loop
    for (let at = 0; at < 5; at += 1) expect(await call(`0049900555${at}`)).toBe('stored');
    expect(bench.alerts.map(({ target }) => target)).toEqual(['premium_caller']);
  });

  it('R8.5 joins that are broken off again and again are told and refused, and start nothing', async () => {
    const { receive, call } = door();
    const aborted = webhookBody('participant_connection_aborted');
    // oxlint-disable-next-line no-await-in-loop
    for (let time = 0; time < 5; time += 1) expect(await receive(aborted)).toBe('ignored');
    expect(bench.alerts.map(({ target }) => target)).toEqual(['aborted_join']);
    expect([await call('+15550123'), await call('+15550124')]).toEqual(['refused', 'stored']);
    expect(roomName).toMatch(/^voice-ai-call/);
  });
});

describe('calls out', () => {
  const request: OutboundRequest = { name: 'n', agent: 'a', to: '+49900123', ringMs: 30_000 };
  const made = { is: 'dialing', callKey: 'k' } as const;
  const guarded = (...allow: readonly string[]) =>
    guardedOutbound({ call: async () => made }, { security: bench.security, clock, premium, allow });

  it('R8.5 a premium number is called only where such numbers are allowed by themselves', async () => {
    expect(await guarded('+49').call(request)).toEqual({ is: 'premium', prefix: '+49900' });
    expect(await guarded('+49').call({ ...request, to: '+4930123' })).toEqual(made);
    expect(await guarded('+49', '+49900').call(request)).toEqual(made);
    expect(await guarded('+499001').call(request)).toEqual(made);
    expect(await guarded('+499002').call(request)).toMatchObject({ is: 'premium' });
  });

  it('R8.5 many calls to premium numbers are told, and stop for an hour', async () => {
    const outbound = guarded('+49900');
    const answers = [];
    // oxlint-disable-next-line no-await-in-loop
    for (let time = 0; time < 5; time += 1) answers.push((await outbound.call(request)).is);
    expect(answers).toEqual(['dialing', 'dialing', 'dialing', 'dialing', 'blocked']);
    expect(bench.alerts.map(({ target }) => target)).toEqual(['premium_call']);
    await clock.advance(minuteMs);
    expect(await outbound.call(request)).toEqual({ is: 'blocked', prefix: '+49900', retryAfterMs: 59 * minuteMs });
    await clock.advance(59 * minuteMs);
    expect(await outbound.call(request)).toEqual(made);
  });
});
