import { describe, expect, it } from 'vitest';
import { foldTalk } from '../../../src/runtime/metrics/talk.ts';
import { foldedCall } from '../../support/metrics-fold.ts';

const talking = 'conversation.talking.replying';
const speaking = `${talking}.speaking`;
const ducked = `${talking}.bargeIn.ducked.voiced`;
const silent = `${talking}.bargeIn.silent.voiced`;
const listening = 'conversation.talking.listening.callerTalking';

/** The agent has spoken for two seconds when the caller's voice is noticed, 60 ms after it began. */
function interrupted() {
  const call = foldedCall(foldTalk);
  call.state(0, speaking);
  call.event(2_060, 'caller.voice_started', { onsetMs: 60, levelDb: -20 });
  call.state(2_060, ducked);
  return call;
}

describe('talk in figures', () => {
  it('R7.3 a barge-in is timed from the caller’s first sound to the lowered voice and to silence', async () => {
    const call = interrupted();
    call.state(2_660, silent);
    call.state(3_000, listening);
    expect(await call.figure('voicechart_barge_in_seconds_sum', { stage: 'ducked' })).toBe(0.06);
    expect(await call.figure('voicechart_barge_in_seconds_sum', { stage: 'silent' })).toBe(0.66);
    expect(await call.figure('voicechart_barge_ins_total', { verdict: 'yielded' })).toBe(1);
    expect(await call.figure('voicechart_barge_ins_total', { verdict: 'went_on' })).toBe(0);
  });

  it('a word that takes the floor at once ends the agent’s sound at once', async () => {
    const call = interrupted();
    call.state(2_300, listening);
    expect(await call.figure('voicechart_barge_in_seconds_sum', { stage: 'silent' })).toBe(0.3);
    expect(await call.figure('voicechart_barge_ins_total', { verdict: 'yielded' })).toBe(1);
  });

  it('a backchannel, its pauses too, is one barge-in after which the agent went on', async () => {
    const call = interrupted();
    call.event(2_200, 'caller.voice_stopped', { quietMs: 100, echo: false });
    call.event(2_300, 'caller.voice_started', { onsetMs: 60, levelDb: -20 });
    call.state(2_700, speaking);
    expect(await call.figure('voicechart_barge_ins_total', { verdict: 'went_on' })).toBe(1);
    expect(await call.figure('voicechart_barge_in_seconds_count', { stage: 'silent' })).toBe(0);
  });

  it('R7.3 talk-over is what both said at once, and our own echo is nobody’s speech', async () => {
    const call = interrupted();
    call.state(3_000, silent);
    call.state(3_100, listening);
    call.event(4_100, 'caller.voice_stopped', { quietMs: 100, echo: false });
    call.state(5_000, speaking);
    call.event(5_560, 'caller.voice_started', { onsetMs: 60, levelDb: -40 });
    call.event(6_000, 'caller.voice_stopped', { quietMs: 0, echo: true });
    call.state(7_000, listening);
    expect(await call.figure('voicechart_talk_over_seconds_total')).toBe(1);
    expect(await call.figure('voicechart_speech_seconds_total', { side: 'caller' })).toBe(2);
    expect(await call.figure('voicechart_speech_seconds_total', { side: 'agent' })).toBe(5);
  });

  it('R7.3 how loud a caller begins to speak is an amplitude, 1 being full scale', async () => {
    const call = interrupted();
    expect(await call.figure('voicechart_audio_level_ratio_sum', { side: 'caller' })).toBeCloseTo(0.1);
    expect(await call.figure('voicechart_audio_level_ratio_bucket', { side: 'caller', le: '0.0562' })).toBe(0);
  });
});
