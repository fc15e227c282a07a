import { afterAll, beforeAll, expect, test } from 'vitest';
import { inRealTime } from '../support/call-real-time.ts';
import { type DoctorWorld, openDoctorWorld } from '../support/doctor-world.ts';

let world: DoctorWorld;
beforeAll(async () => void (world = await openDoctorWorld()));
afterAll(() => world?.close());

test('R7.2 doctor finds all well over the real server, calls the agent and hears its reply, and leaves no room behind', () =>
  inRealTime(async () => {
    const { code, findings, tookMs } = await world.doctor();
    const of = (verdict: string) => findings.filter((each) => each.verdict === verdict).map(({ check }) => check);
    expect([code, of('mend'), of('untried')], JSON.stringify(findings)).toEqual([0, [], []]);
    expect(of('know').toSorted()).toEqual(['livekit-sip', 'numbers', 'redis']);
    const { answeredMs, replyMs } = findings.find(({ check }) => check === 'test call')!.ms!;
    expect(answeredMs).toBeGreaterThan(0);
    expect(answeredMs).toBeLessThan(3000);
    expect(replyMs).toBeGreaterThan(0);
    expect(replyMs).toBeLessThan(4000);
    expect(tookMs).toBeLessThan(30_000);
    expect(await world.rooms()).toEqual([]);
  }));
