import type { AnyMachineSnapshot } from 'xstate';
import type { CallContext } from '../../src/machines/call/context.ts';
import { chart } from '../../src/machines/call/setup.ts';
import { caller } from './call-harness.ts';
import type { Event } from './tour.ts';

const of = (state: AnyMachineSnapshot) => state.context as CallContext;

const failure = (retryable: boolean) => ({
  vendor: 'test',
  phase: 'connect',
  class: 'network',
  retryable,
  message: 'broken',
});

/** What the line sees of the conversation: somebody is called, talks, and is put through. */
export const talk = chart.createStateConfig({
  initial: 'dialing',
  states: {
    dialing: { on: { 'caller.answered': 'talking' } },
    talking: {
      initial: 'listening',
      states: {
        listening: { on: { 'call.transfer': 'transferring' } },
        transferring: {
          initial: 'referring',
          states: { referring: { on: { 'transfer.done': 'gone' } }, gone: {} },
        },
      },
    },
  },
});

const other = { ...caller, sid: 'PA_9', callerKey: 'SCL_9' };

/** Whatever can befall our place in the room, and the caller's. */
export const lineEvents = (): Event[] =>
  [
    { type: 'line.joined' },
    { type: 'line.reconnecting' },
    { type: 'line.reconnected' },
    { type: 'line.failed', failure: failure(true) },
    { type: 'line.failed', failure: failure(false) },
    { type: 'line.fenced', reason: 'higher epoch' },
    { type: 'line.closed', reason: 'ROOM_DELETED' },
    { type: 'line.hung_up' },
    { type: 'line.hang_up_failed', failure: failure(true) },
    { type: 'caller.joined', caller },
    { type: 'caller.joined', caller: other },
    { type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' },
    { type: 'caller.left', sid: other.sid, reason: 'CLIENT_INITIATED' },
    { type: 'caller.hung_up' },
    { type: 'call.caller_gone', sid: caller.sid, reason: 'CLIENT_INITIATED' },
    { type: 'call.room_gone' },
    { type: 'call.caller_unlisted', sid: caller.sid },
    { type: 'call.caller_unlisted', sid: other.sid },
    { type: 'call.restored', epoch: 2 },
    { type: 'caller.answered' },
    { type: 'call.transfer', person: 'frontDesk' },
    { type: 'transfer.done' },
    { type: 'agent.shows', state: 'listening' },
    { type: 'test.again' },
  ].map((event) => ({ at: 0, ...event }));

export const lineFacts = (state: AnyMachineSnapshot) => [of(state).caller?.sid, of(state).hangUpTries];

/** Actors break, and some things are told, before anything else has failed: afterwards there would only be more of the same. */
export const nothingFailed = (state: AnyMachineSnapshot): boolean =>
  of(state).hearingTries === 0 && of(state).ears.lost.length === 0;

const atFirst: readonly Event[] = [
  { type: 'stt.failed', failure: failure(false) },
  { type: 'stt.turn_maybe_ended', utterance: 1, text: 'Good morning' },
  { type: 'stt.turn_resumed', utterance: 1 },
  { type: 'stt.turn_ended', utterance: 1, text: 'Good morning' },
  { type: 'agent.expects', kind: 'digits' },
];

/** Whatever a transcriber and our own detector report. */
export function hearingEvents(state: AnyMachineSnapshot): Event[] {
  const { voiceOnAt, voiceOffAt } = of(state);
  const stopped = (ms: number) => ({ type: 'caller.voice_stopped', quietMs: 120, echo: false, at: voiceOnAt + ms });
  return [
    ...(nothingFailed(state) ? atFirst : []),
    { type: 'stt.opened' },
    { type: 'stt.words', utterance: 1, text: 'Good morning', final: true },
    { type: 'stt.words', utterance: 1, text: 'Good', final: false, behindMs: 5000 },
    { type: 'stt.nothing', at: 500 },
    { type: 'stt.failed', failure: failure(true) },
    { type: 'caller.voice_started', onsetMs: 60, levelDb: -20, at: voiceOffAt + 1000 },
    stopped(200),
    stopped(900),
    { type: 'call.restored', epoch: 2 },
  ].map((event) => ({ at: 0, ...event }));
}

/** Somebody who was called answers; recovery wants a vendor avoided. */
export const answerEvents = (): Event[] =>
  [
    { type: 'stt.opened' },
    { type: 'caller.answered' },
    { type: 'stt.failed', failure: failure(false) },
    { type: 'call.avoid', vendors: ['deepgram'] },
  ].map((event) => ({ at: 0, ...event }));

export function hearingFacts(state: AnyMachineSnapshot): unknown {
  const { avoided, hearingTries, ears, lastSoundAt, hearingSettledAt, pending } = of(state);
  return [
    avoided,
    hearingTries,
    ears.ear,
    ears.lost.toSorted(),
    ears.barred,
    lastSoundAt > hearingSettledAt,
    pending.some(({ final }) => !final),
  ];
}
