import { describe, expect, it } from 'vitest';
import { samplesOf } from '../../src/audio/pcm.ts';
import { scoreConversation, type Played } from '../support/conversation/score.ts';
import { summarize } from '../support/conversation/summary.ts';
import { addSound, sine, whiteNoise } from '../support/sounds.ts';

type Sounding = readonly [fromMs: number, toMs: number, db?: number];

/** The agent as heard from `startMs` on: a tone in these stretches over line noise. */
function heard(startMs: number, durationMs: number, ...sounding: Sounding[]) {
  const pcm = whiteNoise(samplesOf(durationMs), -70);
  for (const [fromMs, toMs, db = -15] of sounding) {
    addSound(pcm, sine(samplesOf(toMs - fromMs), 900, db), samplesOf(fromMs - startMs));
  }
  return { startMs, pcm };
}

const play = (kind: Played['kind'], startMs: number, endMs: number, turn?: string): Played => ({
  kind,
  startMs,
  endMs,
  text: 'so',
  ...(turn && { turn }),
});

const interrupted = (...sounding: Sounding[]) =>
  scoreConversation(heard(0, 8000, ...sounding), [play('interruption', 3000, 4200)]).interruptions[0]!;
const backchannelled = (...sounding: Sounding[]) =>
  scoreConversation(heard(0, 8000, ...sounding), [play('backchannel', 3000, 3400)]).backchannels[0]!;

describe('ticks', () => {
  it('tell for every 200 ms who was heard', () => {
    const { ticks } = scoreConversation(heard(1000, 1000, [1000, 1250], [1790, 2000]), [play('ordinary', 1450, 1650)]);
    expect(ticks).toEqual([
      { startMs: 1000, agent: true, caller: false },
      { startMs: 1200, agent: true, caller: false },
      { startMs: 1400, agent: false, caller: true },
      { startMs: 1600, agent: true, caller: true },
      { startMs: 1800, agent: true, caller: false },
    ]);
  });
});

describe('an interruption', () => {
  it('is yielded to when the agent falls silent, and when is told', () => {
    expect(interrupted([500, 3100], [3100, 3380, -27])).toMatchObject({
      agentSpoke: true,
      duckedMs: 100,
      yieldedMs: 380,
    });
    expect(interrupted([500, 3240], [5000, 7000])).toMatchObject({ agentSpoke: true, duckedMs: 240, yieldedMs: 240 });
  });

  it('is not yielded to when the agent takes breath, goes on ducked, or stops too late', () => {
    expect(interrupted([500, 3100], [3400, 8000]).yieldedMs).toBeUndefined();
    const ducked = interrupted([500, 3120], [3120, 8000, -27]);
    expect(ducked.yieldedMs).toBeUndefined();
    expect(ducked.duckedMs).toBe(120);
    expect(interrupted([500, 5200]).yieldedMs).toBeUndefined();
    expect(interrupted([500, 8000])).toEqual({ played: play('interruption', 3000, 4200), agentSpoke: true });
  });

  it('of an agent who was not speaking is none', () => {
    const none = { played: play('interruption', 3000, 4200), agentSpoke: false };
    expect(interrupted([500, 2000])).toEqual(none);
    expect(interrupted([500, 2900], [5000, 7000])).toEqual(none);
  });
});

describe('a backchannel or a cough', () => {
  it('is ignored when the agent goes on, ducked or with gaps between words', () => {
    expect(backchannelled([500, 3100], [3100, 3700, -27], [3700, 8000]).silentTickMs).toBeUndefined();
    expect(backchannelled([500, 3100], [3280, 8000]).silentTickMs).toBeUndefined();
  });

  it('is an error when a tick within 1 s is silent, not later', () => {
    expect(backchannelled([500, 3100], [3500, 8000]).silentTickMs).toBe(200);
    expect(backchannelled([500, 3700], [4100, 8000]).silentTickMs).toBe(800);
    expect(backchannelled([500, 4000], [4600, 8000]).silentTickMs).toBeUndefined();
  });

  it('is no case when the agent was silent already', () => {
    expect(backchannelled([500, 2000])).toEqual({ played: play('backchannel', 3000, 3400), agentSpoke: false });
  });
});

describe("a caller's turn", () => {
  const parts = [play('pause', 1000, 2000, 'nights'), play('pause', 2900, 4000, 'nights')];
  const scoreOf = (...sounding: Sounding[]) => scoreConversation(heard(0, 8000, ...sounding), parts).turns;

  it('lasts from its first part to its last, and is left alone by an agent who waits', () => {
    expect(scoreOf([200, 900], [4400, 7000])).toEqual([
      { turn: 'nights', kind: 'pause', startMs: 1000, endMs: 4000, interruptedAtMs: [] },
    ]);
  });

  it('is interrupted by an agent who begins in its pause or over its words', () => {
    expect(scoreOf([2600, 3200], [3700, 7000])[0]!.interruptedAtMs).toEqual([2600, 3700]);
  });

  it('is not interrupted by an agent who was speaking when it began, nor by a gap between words', () => {
    expect(scoreOf([200, 1400], [1500, 1800])[0]!.interruptedAtMs).toEqual([]);
  });
});

describe('the summary', () => {
  it('counts cases, leaves out those that were none, and gives spreads', () => {
    const played = [play('interruption', 3000, 4000), play('backchannel', 7000, 7300), play('noise', 9000, 9100)];
    const good = scoreConversation(heard(0, 12_000, [0, 3400], [5000, 12_000]), played);
    const bad = scoreConversation(heard(0, 12_000, [0, 7200], [8000, 8400]), played);
    expect(summarize([good, bad, good])).toEqual({
      yielded: { good: 2, of: 3 },
      yieldMs: { p50: 400, p95: 400 },
      duckMs: { p50: 400, p95: 400 },
      backchannelsIgnored: { good: 2, of: 3 },
      noisesIgnored: { good: 2, of: 2 },
      turnsLeftAlone: { good: 3, of: 3 },
    });
    expect(summarize([])).toMatchObject({ yielded: { good: 0, of: 0 } });
  });
});
