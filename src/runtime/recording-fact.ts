import type { RecorderFact } from '../actors/record.ts';
import type { EgressView } from './egress-view.ts';

/** What the call is told of its recording; nothing while nobody knows more. */
export function recordingFact({ state, egressId, why }: EgressView): RecorderFact | undefined {
  switch (state) {
    case 'active':
      return { type: 'recording.started', egress: egressId ?? '' };
    case 'complete':
    case 'limit_reached':
      return {
        type: 'recording.ended',
        ok: true,
        ...(state === 'limit_reached' && { why: 'LiveKit’s limit was reached' }),
      };
    case 'failed':
    case 'aborted':
    case 'refused':
      return { type: 'recording.ended', ok: false, why: why ?? state };
    case 'unknown':
      return { type: 'recording.ended', ok: false, why: 'LiveKit never said whether it began' };
    case 'lost':
      return { type: 'recording.ended', ok: false, why: 'LiveKit has it no longer' };
    default:
      return undefined;
  }
}
