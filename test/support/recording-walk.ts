import type { AnyMachineSnapshot } from 'xstate';
import type { CallContext } from '../../src/machines/call/context.ts';
import { unheardDisclosure } from '../../src/machines/call/said.ts';
import { hotel } from './call-harness.ts';
import type { Event } from './tour.ts';

/** A call that is to be recorded and says its disclosure. */
export const disclosing: Partial<CallContext> = {
  agent: { ...hotel, recording: {} },
  turn: 1,
  history: [
    { who: 'agent', turn: 1, ask: 'disclose', at: 0, owed: '', heard: [], heardMs: 0, cut: false, finished: false },
  ],
};

const words = hotel.disclosure.split(' ');

/** What is heard of the disclosure next, and whatever may befall the recording. */
export const recordingEvents = (state: AnyMachineSnapshot): Event[] =>
  [
    ...[words.slice(0, 2), words.slice(2)].map((some) => ({
      type: 'playback.heard',
      turn: 1,
      words: some,
      heardMs: 9,
    })),
    { type: 'call.stop_recording' },
    { type: 'call.restored', epoch: 2 },
    { type: 'recording.started', egress: 'EG_1' },
    { type: 'recording.ended', ok: true },
    { type: 'recording.ended', ok: false, why: 'the disk is full' },
    { type: 'test.again' },
  ]
    .filter(({ type }) => type !== 'playback.heard' || unheardDisclosure(state.context as CallContext) !== '')
    .map((event) => ({ at: 0, ...event }));

export const recordingFacts = (state: AnyMachineSnapshot): unknown => {
  const context = state.context as CallContext;
  return [unheardDisclosure(context), context.recording];
};
