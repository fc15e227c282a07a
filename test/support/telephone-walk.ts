import type { AnyMachineSnapshot } from 'xstate';
import type { CallContext } from '../../src/machines/call/context.ts';
import { pendingText } from '../../src/machines/call/said.ts';
import { caller } from './call-harness.ts';
import { pathOf } from './state-nodes.ts';
import type { Event } from './tour.ts';

const of = (state: AnyMachineSnapshot) => state.context as CallContext;

const isIn = (state: AnyMachineSnapshot, path: string) =>
  state._nodes.some((node) => node.type === 'atomic' && pathOf(node).includes(path));

const stamped = (state: AnyMachineSnapshot, events: readonly Event[]): Event[] =>
  isIn(state, 'leaving') || isIn(state, 'ended')
    ? [{ type: 'test.again', at: 0 }]
    : events.map((event) => ({ at: of(state).lastSoundAt, ...event }));

/** Ears that fail, until there are none. */
const deafness: readonly Event[] = [{ type: 'stt.failed' }, { type: 'stt.opened' }];

/** Whatever may come of calling somebody. What follows the answer is walked elsewhere. */
export const dialEvents = (state: AnyMachineSnapshot): Event[] =>
  isIn(state, 'talking')
    ? [{ type: 'test.again', at: 0 }]
    : stamped(state, [
        ...deafness,
        { type: 'line.joined' },
        { type: 'caller.joined', caller },
        { type: 'caller.answered' },
        { type: 'caller.left', sid: caller.sid, reason: 'USER_REJECTED' },
        { type: 'dial.answered' },
        { type: 'call.caller_gone', sid: caller.sid, reason: 'USER_UNAVAILABLE' },
        { type: 'dial.failed', outcome: { result: 'busy', sipStatus: 486 } },
        { type: 'dial.failed', outcome: { result: 'unknown' } },
        { type: 'leg.found' },
        { type: 'leg.missing' },
        { type: 'call.hang_up' },
        { type: 'call.give_up' },
        { type: 'call.restored', epoch: 2 },
      ]);

const sounds = [
  { type: 'caller.voice_started', onsetMs: 60, levelDb: -20 },
  { type: 'caller.voice_stopped', quietMs: 120, echo: false },
  { type: 'stt.words', utterance: 7, text: 'No, please do not', final: true },
];

const isElsewhere = (state: AnyMachineSnapshot): boolean =>
  !['transferring', 'ringing', 'quiet', 'replying', 'closing'].some((each) => isIn(state, each));

/** Whatever may befall a caller who is put through, by an operator or by the model. */
export function transferEvents(state: AnyMachineSnapshot): Event[] {
  const { turn } = of(state);
  if (isElsewhere(state)) return [{ type: 'test.again', at: 0 }];
  return stamped(state, [
    ...(isIn(state, 'transferring') ? deafness : []),
    ...(isIn(state, 'heeding') ? sounds : []),
    ...(isIn(state, 'referring.hushed') && pendingText(of(state)) === '' ? sounds.slice(2) : []),
    { type: 'caller.answered' },
    { type: 'call.transfer', person: 'frontDesk' },
    { type: 'playback.started', turn },
    { type: 'playback.starved', turn },
    { type: 'playback.finished', turn },
    { type: 'reply.transfer_asked', turn, person: 'frontDesk' },
    { type: 'transfer.done' },
    { type: 'transfer.failed', outcome: { result: 'busy', sipStatus: 486 } },
    { type: 'caller.turn_ended' },
    { type: 'call.hang_up' },
    { type: 'call.restored', epoch: 2 },
  ]);
}

/** What guards read here. */
export const telephoneFacts = (state: AnyMachineSnapshot): unknown => [
  of(state).caller?.sid,
  of(state).afterReply,
  of(state).why === 'call too long',
  of(state).failsafe === true && of(state).history.some(({ who }) => who === 'tool'),
  isIn(state, 'referring') && pendingText(of(state)) !== '',
];
