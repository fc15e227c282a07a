import { at } from '../deadlines.ts';
import { ownTools } from './context.ts';
import { toolKey } from './input.ts';
import { replyChart } from './setup.ts';

const troubled = {
  target: '#reply.words.failed',
  actions: { type: 'tellTroubled' as const, params: 'tools' as const },
};

const givenUp = {
  target: '#reply.words.switching',
  actions: { type: 'tellFailed' as const, params: 'model' as const },
};

/** A model is writing. Its silence is covered by the voice with a filler, and then given up. */
const generating = replyChart.createStateConfig({
  initial: 'awaiting',
  invoke: {
    id: 'think',
    src: 'think',
    input: ({ context: { models, messages, written } }) => ({ model: models[0]!, messages, said: written }),
    onError: givenUp,
  },
  on: {
    'model.clause': {
      target: '.writing',
      actions: ['noteClause', { type: 'owe', params: ({ event }) => event.text }],
    },
    'model.tools': { target: 'askingTools', actions: ['noteCalls', { type: 'tellWorked', params: 'model' }] },
    'model.finished': [
      { guard: 'saysNothing', ...givenUp },
      { target: 'said', actions: { type: 'tellWorked', params: 'model' } },
    ],
    'model.failed': givenUp,
  },
  states: {
    awaiting: { on: { 'model.first_token': 'writing' }, after: { [at.modelGivesUp]: givenUp } },
    writing: {
      initial: 'streaming',
      // A clause begins its time anew, anything else only that of the next sign of life.
      on: { 'model.progressed': '.streaming' },
      states: { streaming: { after: { [at.modelStalls]: givenUp } } },
      after: { [at.modelDrips]: { guard: 'hasNextModel', ...givenUp } },
    },
  },
  after: { [at.modelEnds]: givenUp },
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
    /** The next model goes on where this one was given up: what is owed to the voice already it is told, and does not say again. */
    switching: {
      always: [
        { guard: 'hasNextModel', target: 'generating', actions: 'nextModel' },
        { guard: 'mayTryAgain', target: 'retrying' },
        { target: 'failed', actions: { type: 'tellTroubled', params: 'model' } },
      ],
    },
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
