import type { AnyMachineSnapshot } from 'xstate';
import type { EgressInfo, EgressStatus } from '../../src/egress.ts';
import type { EgressContext, EgressInput } from '../../src/machines/egress/context.ts';
import type { Event } from './tour.ts';

export const egressInput: EgressInput = {
  id: 'e1',
  order: {
    source: { kind: 'room', room: 'voice-ai-call-1', only: 'audio' },
    outputs: [{ type: 'ogg', path: 'calls/e1.ogg', storage: 'local' }],
  },
  askedAt: 0,
};

/** What LiveKit says of the egress above. */
const egressInfo = (status: EgressStatus, more: Partial<EgressInfo> = {}): EgressInfo => ({
  egressId: 'EG_1',
  status,
  kind: 'room',
  room: 'voice-ai-call-1',
  paths: ['calls/e1.ogg'],
  startedAtMs: 0,
  endedAtMs: 0,
  updatedAtMs: 0,
  files: [],
  streams: [],
  ...more,
});

const failure = { vendor: 'livekit', phase: 'rest', class: 'api', retryable: true, message: 'broken' };

const statuses = ['starting', 'active', 'ending', 'complete'] as const;

/** Whatever may befall an egress. */
export const egressEvents = (): Event[] =>
  [
    ...statuses.map((status) => ({ type: 'egress.told', info: egressInfo(status) })),
    { type: 'egress.refused', failure },
    { type: 'egress.unanswered', failure },
    { type: 'egress.absent' },
    { type: 'egress.unseen', failure },
    { type: 'egress.stop_taken' },
    { type: 'egress.stop_failed', failure },
    { type: 'egress.stop' },
    { type: 'egress.restored' },
  ].map((event) => ({ at: 0, ...event }));

/** What guards of an egress read. */
export const egressFacts = (state: AnyMachineSnapshot): unknown => {
  const { info, absences } = state.context as EgressContext;
  return [info?.status, absences];
};
