import { at } from '../deadlines.ts';
import { ownTools } from './context.ts';
import { toolKey } from './input.ts';
import { replyChart } from './setup.ts';

const troubled = {
  target: '#reply.words.failed',
  actions: { type: 'tellTroubled' as const, params: 'model' as const },
};

/** The model is writing. Its silence is covered by the voice with a filler, and then given up. */
const generating = replyChart.createStateConfig({
  initial: 'awaiting',
  invoke: {
    id: 'think',
    src: 'think',
    input: ({ context }) => ({ messages: context.messages }),
    onError: troubled,
  },
  on: {
    'model.clause': {
      target: '.streaming',
      actions: ['noteClause', { type: 'owe', params: ({ event }) => event.text }],
    },
    'model.progressed': '.streaming',
    'model.tools': { target: 'askingTools', actions: 'noteCalls' },
    'model.finished': [{ guard: 'saysNothing', ...troubled }, { target: 'said' }],
    'model.failed': [{ guard: 'mayTryAgain', target: 'retrying' }, troubled],
  },
  states: {
    awaiting: { on: { 'model.first_token': 'streaming' }, after: { [at.modelGivesUp]: troubled } },
    streaming: { after: { [at.modelStalls]: troubled } },
  },
  after: { [at.modelEnds]: troubled },
});

/** Tools run only once the turn is certain. */
const callingTools = replyChart.createStateConfig({
  initial: 'running',
  entry: 'nextRound',
  invoke: {
    id: 'tools',
    src: 'runTools',
    input: ({ context }) => ({
      calls: ownTools(context.calls).map((call) => ({ ...call, key: toolKey(context, call) })),
      resumed: context.unfinished,
      known: context.known,
    }),
    onError: troubled,
  },
  on: {
    'tool.started': { actions: ['noteMeanwhile', 'tellToolStarted'] },
    'tool.finished': { actions: ['noteToolResult', 'tellToolFinished'] },
    'tools.finished': [
      { guard: 'keysArePressed', target: 'said', actions: 'forgetCalls' },
      { target: 'generating', actions: 'forgetCalls' },
    ],
  },
  states: { running: { after: { [at.toolsGiveUp]: troubled } } },
});

/** What is to be said. */
export const words = replyChart.createStateConfig({
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'resumesTools', target: 'askingTools', actions: 'owePreface' },
        { guard: 'isFixed', target: 'said', actions: ['owePreface', 'oweFixed'] },
        { target: 'generating', actions: 'owePreface' },
      ],
    },
    generating,
    retrying: { entry: 'countTry', after: { [at.modelRetry]: 'generating' } },
    askingTools: {
      always: { guard: 'confirmed', target: 'sortingTools' },
      after: { [at.permitted]: troubled },
    },
    sortingTools: {
      entry: ['carryOutBuiltIns', 'oweWordsBefore'],
      always: [
        { guard: 'tooManyRounds', ...troubled },
        { guard: 'resumesTools', target: 'callingTools' },
        { guard: 'hasOwnTools', target: 'callingTools' },
        { guard: 'hasMistakes', target: 'generating', actions: ['nextRound', 'forgetCalls'] },
        { target: 'said' },
      ],
    },
    callingTools,
    /** Whatever happened, the caller is told something. */
    failed: { entry: 'oweApology', always: 'said' },
    said: { entry: 'endWords' },
  },
});
