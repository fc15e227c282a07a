import { at } from '../deadlines.ts';
import { ownTools } from './context.ts';
import { toolKey } from './input.ts';
import { replyChart } from './setup.ts';

/** The model is writing. Silence of it is covered by a filler, then given up. */
const generating = replyChart.createStateConfig({
  initial: 'awaiting',
  invoke: {
    id: 'think',
    src: 'think',
    input: ({ context }) => ({ messages: context.messages }),
    onError: 'failed',
  },
  on: {
    'model.clause': {
      target: '.streaming',
      actions: ['noteClause', { type: 'owe', params: ({ event }) => event.text }],
    },
    'model.tools': { target: 'askingTools', actions: 'noteCalls' },
    'model.finished': [
      { guard: 'wroteNothing', target: 'failed', actions: { type: 'tellTroubled', params: 'model' } },
      { target: 'said' },
    ],
    'model.failed': [
      { guard: 'mayTryAgain', target: 'retrying' },
      { target: 'failed', actions: { type: 'tellTroubled', params: 'model' } },
    ],
  },
  states: {
    awaiting: {
      on: { 'model.first_token': 'streaming' },
      after: { [at.firstToken]: { target: 'filled', actions: 'oweFiller' } },
    },
    filled: {
      on: { 'model.first_token': 'streaming' },
      after: {
        [at.modelGivesUp]: { target: '#reply.words.failed', actions: { type: 'tellTroubled', params: 'model' } },
      },
    },
    streaming: {
      after: {
        [at.modelStalls]: { target: '#reply.words.failed', actions: { type: 'tellTroubled', params: 'model' } },
      },
    },
  },
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
    }),
    onError: 'failed',
  },
  on: {
    'tool.started': { actions: 'tellToolStarted' },
    'tool.finished': { actions: ['noteToolResult', 'tellToolFinished'] },
    'tools.finished': [{ guard: 'tooManyRounds', target: 'failed' }, { target: 'generating' }],
  },
  states: {
    running: { after: { [at.toolFiller]: { target: 'filled', actions: 'oweFiller' } } },
    filled: { after: { [at.toolFillerAgain]: { target: 'filled', reenter: true, actions: 'oweFiller' } } },
  },
  after: { [at.toolsGiveUp]: { target: 'failed', actions: { type: 'tellTroubled', params: 'model' } } },
});

/** What is to be said. */
export const words = replyChart.createStateConfig({
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'resumesTools', target: 'askingTools' },
        { guard: 'isFixed', target: 'said', actions: ['owePreface', 'oweFixed'] },
        { target: 'generating', actions: 'owePreface' },
      ],
    },
    generating,
    retrying: { entry: 'countTry', after: { [at.modelRetry]: 'generating' } },
    askingTools: {
      always: { guard: 'confirmed', target: 'sortingTools' },
      after: { [at.permitted]: 'failed' },
    },
    sortingTools: {
      entry: ['carryOutBuiltIns', 'oweGoodbye'],
      always: [
        { guard: 'resumesTools', target: 'callingTools' },
        { guard: 'hasOwnTools', target: 'callingTools' },
        { guard: 'hasMistakes', target: 'generating', actions: 'nextRound' },
        { target: 'said' },
      ],
    },
    callingTools,
    /** Whatever happened, the caller is told something. */
    failed: { entry: 'oweApology', always: 'said' },
    said: { entry: 'endWords' },
  },
});
