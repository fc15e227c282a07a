import type { CallNotice } from '../notices.ts';
import { counter, histogram } from './definition.ts';
import type { Metrics } from './metrics.ts';
import { isIn, perCall } from './per-call.ts';
import { createTalkOver } from './talk-over.ts';

export const sides = ['caller', 'agent'] as const;

/** dBFS: -60, -50, -40, -35, -30, -25, -20, -15, -10, -5, 0. */
const amplitudes = [0.001, 0.00316, 0.01, 0.0178, 0.0316, 0.0562, 0.1, 0.178, 0.316, 0.562, 1];
const bargeInSeconds = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.5, 2];

export const talkMetrics = {
  voicechart_barge_in_seconds: histogram(
    'From the first sound of a caller who speaks while the agent does, to the agent’s voice being lowered (ducked), and to its falling silent (silent)',
    bargeInSeconds,
    { stage: ['ducked', 'silent'] },
  ),
  voicechart_barge_ins_total: counter('Times that a caller spoke while the agent did, by whether the agent gave way', {
    verdict: ['yielded', 'went_on'],
  }),
  voicechart_speech_seconds_total: counter('Time in which one side spoke', { side: sides }),
  voicechart_talk_over_seconds_total: counter('Time in which both sides spoke at once'),
  voicechart_playback_starved_total: counter('Times that the agent’s sound ran out before its turn was over'),
  voicechart_audio_level_ratio: histogram(
    'Loudness of speech as RMS amplitude, 1 being full scale: of a caller who begins to speak, of the agent each second',
    amplitudes,
    { side: sides },
  ),
};

interface Talk {
  readonly talkOver: ReturnType<typeof createTalkOver>;
  onsetAt?: number;
  floor: Floor;
}

type Floor = 'quiet' | 'speaking' | 'ducked' | 'silent';

/** Who spoke when: barge-ins, talk-over, loudness. */
export function foldTalk(metrics: Metrics): (notice: CallNotice) => void {
  const talks = perCall<Talk>(() => ({ talkOver: createTalkOver(), floor: 'quiet' }));

  function moved(talk: Talk, floor: Floor, at: number): void {
    const { floor: before, onsetAt = at } = talk;
    talk.floor = floor;
    const bargedIn = before === 'ducked' || before === 'silent';
    const tookSeconds = (at - onsetAt) / 1000;
    if (floor === 'ducked' && before === 'speaking')
      metrics.observe('voicechart_barge_in_seconds', { stage: 'ducked' }, tookSeconds);
    if (before === 'ducked' && (floor === 'silent' || floor === 'quiet'))
      metrics.observe('voicechart_barge_in_seconds', { stage: 'silent' }, tookSeconds);
    if (bargedIn && (floor === 'speaking' || floor === 'quiet'))
      metrics.add('voicechart_barge_ins_total', { verdict: floor === 'speaking' ? 'went_on' : 'yielded' });
    spoke('agent', talk.talkOver.agent(floor === 'speaking' || floor === 'ducked', at));
  }

  function spoke(
    side: (typeof sides)[number],
    { spokeMs, bothMs }: { readonly spokeMs: number; readonly bothMs: number },
  ): void {
    metrics.add('voicechart_speech_seconds_total', { side }, spokeMs / 1000);
    metrics.add('voicechart_talk_over_seconds_total', {}, bothMs / 1000);
  }

  function heard(
    talk: Talk,
    type: string,
    { at, ...data }: { readonly at: number } & Readonly<Record<string, unknown>>,
  ): void {
    if (type === 'playback.starved') metrics.add('voicechart_playback_starved_total', {});
    if (type === 'caller.voice_started') {
      const onsetAt = at - numberOf(data['onsetMs']);
      // Of one barge-in the first sound counts, whatever pauses the caller makes.
      if (talk.floor === 'speaking') talk.onsetAt = onsetAt;
      talk.talkOver.callerBegan(onsetAt);
      metrics.observe('voicechart_audio_level_ratio', { side: 'caller' }, amplitudeOf(numberOf(data['levelDb'])));
    }
    if (type === 'caller.voice_stopped')
      spoke('caller', talk.talkOver.callerEnded(at - numberOf(data['quietMs']), data['echo'] === true));
  }

  return ({ call: { callKey }, draft }) => {
    if (draft.kind === 'call' && draft.data.what === 'ended') return talks.forget(callKey);
    if (draft.kind === 'event') return heard(talks.of(callKey), draft.data.type, { ...draft.data, at: draft.at });
    if (draft.kind === 'state' && draft.data.machine === 'call')
      moved(talks.of(callKey), floorOf(draft.data['active']), draft.at);
  };
}

function floorOf(active: unknown): Floor {
  if (isIn(active, 'bargeIn.ducked')) return 'ducked';
  if (isIn(active, 'bargeIn.silent')) return 'silent';
  return isIn(active, 'speaking') ? 'speaking' : 'quiet';
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Of a level in dBFS. */
export const amplitudeOf = (levelDb: number): number => 10 ** (levelDb / 20);
