import type { AnyMachineSnapshot } from 'xstate';
import {
  builtIns,
  hasMistakes,
  mostRounds,
  ownTools,
  pressesKeys,
  type ReplyContext,
} from '../../src/machines/reply/context.ts';
import { pathOf } from './state-nodes.ts';
import type { Event } from './tour.ts';

const of = (state: AnyMachineSnapshot) => state.context as ReplyContext;

const isIn = (state: AnyMachineSnapshot, path: string) => state._nodes.some((node) => pathOf(node).startsWith(path));

const failure = (retryable: boolean) => ({
  vendor: 'test',
  phase: 'stream',
  class: 'api',
  retryable,
  message: 'broken',
});

const ownCall = { id: 'a', name: 'room_price', input: '{"nights":2}' };

const modelEvents: Event[] = [
  { type: 'model.first_token' },
  { type: 'model.progressed' },
  { type: 'model.requested' },
  { type: 'model.clause', text: 'Ninety euros. ' },
  { type: 'model.tools', calls: [ownCall] },
  { type: 'model.tools', calls: [{ id: 'b', name: 'end_call', input: '{}' }] },
  { type: 'model.tools', calls: [{ id: 'd', name: 'send_digits', input: '{"digits":"1"}' }] },
  { type: 'model.tools', calls: [{ id: 'c', name: 'collect_digits', input: 'not JSON' }] },
  { type: 'model.finished', reason: 'stop' },
  { type: 'model.failed', failure: failure(true) },
  { type: 'model.failed', failure: failure(false) },
];

const toolEvents: Event[] = [
  { type: 'tool.started', id: 'a', key: 'k', name: 'room_price', effect: 'none', meanwhile: 'Let me look.' },
  { type: 'tool.finished', id: 'a', key: 'k', name: 'room_price', ok: true, text: '90' },
  { type: 'tool.finished', id: 'a', key: 'k', name: 'room_price', ok: false, text: 'failed' },
  { type: 'tools.finished' },
];

const voiceEvents: Event[] = [
  { type: 'voice.requested' },
  { type: 'voice.first_audio' },
  { type: 'voice.done' },
  { type: 'voice.failed', failure: failure(true) },
];

/** Whatever its actors and the call tell a reply; an actor that does not run tells nothing. */
export const replyEvents = (state: AnyMachineSnapshot): Event[] =>
  [
    { type: 'reply.confirm' },
    { type: 'reply.starved' },
    ...(isIn(state, 'words.generating') ? modelEvents : []),
    ...(isIn(state, 'words.callingTools') ? toolEvents : []),
    ...(isIn(state, 'voice.speaking') ? voiceEvents : []),
    ...(isIn(state, 'voice.clips') || isIn(state, 'voice.speaking.covered')
      ? [{ type: 'clip.played_out', text: '' }]
      : []),
  ].map((event) => ({ at: 0, ...event }));

/** Actors break once in every place, whatever was tried and said before. */
export const isUntried = (state: AnyMachineSnapshot): boolean =>
  (of(state).fillers === 0 && of(state).tries === 0 && of(state).silenced === 0) ||
  isIn(state, 'voice.speaking.covered');

/** A reply that began with tools left over: what follows them is walked without. */
export const toolsAreFinished = (state: AnyMachineSnapshot): boolean => of(state).unfinished.length === 0;

/** What is asked of a model, and of the next one: how it is said is walked with one model in its first round. */
export const soundHasCome = (state: AnyMachineSnapshot): boolean =>
  isIn(state, 'words.said') || !isIn(state, 'voice.speaking.silent');

const callsClass = (context: ReplyContext) => {
  const { calls, failed } = context;
  const kinds = [ownTools(calls).length > 0, builtIns(context).length > 0, hasMistakes(context), pressesKeys(context)];
  return [...kinds, failed > 0].join(' ');
};

/** What guards of a reply read. */
export function replyFacts(state: AnyMachineSnapshot): unknown {
  const context = of(state);
  return [
    isIn(state, 'words.askingTools') || isIn(state, 'words.callingTools') ? callsClass(context) : '',
    isIn(state, 'words.generating') && [Math.min(context.tries, 1), context.answered, context.calls.length > 0],
    Math.min(context.fillers, 1),
    Math.min(context.silenced, 1),
    context.unfinished.length > 0,
    context.round >= mostRounds,
  ];
}
