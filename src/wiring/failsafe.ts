import { noModel, noTranscriber, noVoice } from '../adapters/clips/no-vendors.ts';
import type { CallOpening } from '../runtime/call-worker.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';
import type { Cast } from './call-parts.ts';
import type { ReadyCast } from './cast.ts';

/** An agent without a vendor: its stored phrases, and the person whom callers are put through to. */
export const failsafeCast = ({ agent, clips }: Pick<Cast, 'agent' | 'clips'>, to: string | undefined): Cast => ({
  agent: {
    ...agent,
    ears: agent.ears.slice(0, 1),
    model: agent.model.slice(0, 1),
    voice: agent.voice.slice(0, 1),
    tools: {},
    recording: false,
    people: to === undefined ? {} : { person: { to, when: '' } },
  },
  ears: [noTranscriber],
  models: { find: () => noModel },
  voices: { find: () => noVoice },
  clips,
});

/** A call in failsafe mode goes on in it, and no other call comes into it; who is called by us is not told that nobody is there. */
export function isFailsafeCall({ record, dial }: CallOpening, posture: Pick<PostureBoard, 'now'>): boolean {
  if (record) return (record.context as { failsafe?: boolean }).failsafe === true;
  return dial === undefined && posture.now().mode === 'failsafe';
}

/** What new calls would hear; nothing where an agent's notice was never rendered. */
export function failsafeHeard(casts: readonly Pick<ReadyCast, 'agent' | 'missingClips'>[], to: string | undefined) {
  const isSilent = casts.some(({ agent, missingClips }) =>
    missingClips.includes(agent.phrases[agent.language[0] ?? 'en']?.unavailable ?? ''),
  );
  if (isSilent) return undefined;
  return to === undefined
    ? 'the notice and goodbye: FAILSAFE_TRANSFER_TO is not set'
    : 'the notice, and are put through to a person';
}
