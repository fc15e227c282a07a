import type { AnyMachineSnapshot } from 'xstate';
import type { CallContext } from '../../src/machines/call/context.ts';
import { pendingText } from '../../src/machines/call/said.ts';
import { caller } from './call-harness.ts';
import { pathOf } from './state-nodes.ts';
import type { Event } from './tour.ts';

const of = (state: AnyMachineSnapshot) => state.context as CallContext;

const isIn = (state: AnyMachineSnapshot, path: string) =>
  state._nodes.some((node) => node.type === 'atomic' && pathOf(node).includes(path));

const failure = { vendor: 'test', phase: 'connect', class: 'network', retryable: true, message: 'broken' };

/** What may befall a whole call: of each kind once. What else each region may meet is walked in the regions. */
export function productEvents(state: AnyMachineSnapshot): Event[] {
  const { turn, lastSoundAt, voiceOnAt, voiceOffAt, history } = of(state);
  if (isIn(state, 'leaving')) return [{ type: 'test.again', at: 0 }];
  const utterance = 1000 * turn + 10 * history.length + 1;
  return [
    { type: 'line.joined' },
    { type: 'line.reconnecting' },
    { type: 'line.reconnected' },
    { type: 'line.failed', failure },
    { type: 'caller.joined', caller },
    { type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' },
    { type: 'caller.answered' },
    { type: 'stt.opened' },
    { type: 'stt.failed', failure },
    ...(pendingText(of(state)) === ''
      ? [{ type: 'stt.words', utterance, text: 'What does a room cost?', final: true }]
      : [{ type: 'stt.turn_ended', utterance, text: 'What does a room cost?' }]),
    isIn(state, 'voice.attached.off')
      ? { type: 'caller.voice_started', onsetMs: 60, levelDb: -20, at: voiceOffAt + 1000 }
      : { type: 'caller.voice_stopped', quietMs: 120, echo: false, at: voiceOnAt + 600 },
    { type: 'playback.started', turn },
    { type: 'playback.finished', turn },
    { type: 'call.hang_up' },
    { type: 'call.restored', epoch: 2 },
  ].map((event) => ({ at: lastSoundAt, ...event }));
}

/** What tells whole calls apart: who is there, and whether there are words to answer. */
export const productFacts = (state: AnyMachineSnapshot): unknown => [
  of(state).caller?.sid,
  pendingText(of(state)) !== '',
];
