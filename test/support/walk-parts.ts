import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate';
import type { CallContext } from '../../src/machines/call/context.ts';
import { conversation } from '../../src/machines/call/conversation.ts';
import { freshEars } from '../../src/machines/call/ears.ts';
import { hearing } from '../../src/machines/call/hearing.ts';
import { line } from '../../src/machines/call/line.ts';
import { recording } from '../../src/machines/call/recording.ts';
import { voiceActivity as voice } from '../../src/machines/call/voice-activity.ts';
import type { ReplyContext } from '../../src/machines/reply/context.ts';
import type { AlertInput } from '../../src/machines/alert/context.ts';
import { alertEvents, alertFacts } from './alert-walk.ts';
import { caller, deciding, dictated, guest, hotel } from './call-harness.ts';
import {
  conversationEvents,
  conversationFacts,
  hasNothingElse,
  lateEvents,
  lateFacts,
  quietEvents,
  surroundings,
  turnEvents,
} from './conversation-walk.ts';
import { egressEvents, egressFacts, egressInput } from './egress-walk.ts';
import { keepingEvents, keepingFacts, keepingWalks } from './keeping-walk.ts';
import { answerEvents, hearingEvents, hearingFacts, lineEvents, lineFacts, nothingFailed, talk } from './line-walk.ts';
import { disclosing, recordingEvents, recordingFacts } from './recording-walk.ts';
import {
  callOf,
  inertAlerting,
  inertEgress,
  inertKeeping,
  inertReconciler,
  inertRecovery,
  inertToken,
  inertWorker,
  replyOf,
} from './region-machines.ts';
import { productEvents, productFacts } from './product-walk.ts';
import { isUntried, replyEvents, replyFacts, toolsAreFinished, soundHasCome } from './reply-walk.ts';
import { dialEvents, telephoneFacts, transferEvents } from './telephone-walk.ts';
import { recoveryEnds, recoveryEvents, recoveryFacts, recoveryWalks } from './recovery-walk.ts';
import { nodesOf } from './state-nodes.ts';
import { tokenEvents, tokenFacts, hostedInput } from './token-walk.ts';
import { reconcilerEvents, reconcilerFacts } from './reconciler-walk.ts';
import { workerEvents, workerFacts } from './worker-walk.ts';
import { alertingHost } from './walk-hosts/alerting.ts';
import { reconcilerHost } from './walk-hosts/reconciler.ts';
import { callHost, replyHost } from './walk-hosts/call.ts';
import { egressHost } from './walk-hosts/egress.ts';
import { keepingHost } from './walk-hosts/keeping.ts';
import { recoveryHost } from './walk-hosts/recovery.ts';
import { tokenHost } from './walk-hosts/token.ts';
import { workerHost } from './walk-hosts/worker.ts';
import type { Walk } from './walk.ts';

/** A machine, or a region of one, that is walked. */
export interface Part {
  readonly name: string;
  /** Where its events are listed, for those who add one. */
  readonly tables: readonly string[];
  /** The states whose transitions must all be taken. */
  readonly nodes: (machine: AnyStateMachine) => readonly AnyStateNode[];
  readonly walks: () => readonly Walk[];
}

const live = (machine: AnyStateMachine): AnyStateNode => machine.root.states['live']!;
const regionOf = (name: string) => (machine: AnyStateMachine) => nodesOf(live(machine).states[name]!);
const whole = (machine: AnyStateMachine) => nodesOf(machine.root);

const never = () => false;
/** Its host lets go of it. */
const isOver = (state: AnyMachineSnapshot) => state.hasTag('over');

const from = (context: Partial<CallContext>) => callOf({ ...surroundings, conversation }, context);
const agent = (facts: Partial<CallContext['agent']>) => from({ agent: { ...hotel, ...facts } });

function conversationWalks(): readonly Walk[] {
  const { host, facts } = { host: callHost, facts: conversationFacts };
  const quiet = (machine: AnyStateMachine) => ({ machine, host, facts, events: quietEvents, breaks: never });
  const turns = (machine: AnyStateMachine) => ({ machine, host, facts, events: turnEvents, breaks: never });
  const late = agent({ ears: [{ ...deciding, decides: false }, dictated], disclosure: '', greeting: '' });
  const telephones = { host, facts: telephoneFacts };
  const dialling = callOf({ ...surroundings, line, conversation }, { dial: guest });
  const tooLate = callOf(
    { ...surroundings, line, conversation },
    { dial: { ...guest, outcome: { result: 'failed' } } },
  );
  const failsafe = (people: readonly string[]) => from({ caller, failsafe: true, agent: { ...hotel, people } });
  const transferring = from({ caller, agent: { ...hotel, disclosure: '', greeting: '' } });
  return [
    { machine: from({}), host, events: conversationEvents, facts, breaks: hasNothingElse },
    { ...quiet(from({ troubles: 1 })), breaks: hasNothingElse },
    quiet(from({ nudges: 2 })),
    quiet(agent({ greeting: '' })),
    quiet(agent({ disclosure: '' })),
    quiet(agent({ disclosure: '', greeting: '' })),
    turns(agent({ speculate: false })),
    turns(agent({ ears: [deciding], speculate: false })),
    { machine: late, host, events: lateEvents, facts: lateFacts, breaks: never },
    { machine: dialling, ...telephones, events: dialEvents },
    { machine: tooLate, ...telephones, events: dialEvents },
    { machine: transferring, ...telephones, events: transferEvents },
    { machine: failsafe(['frontDesk']), ...telephones, events: transferEvents },
    { machine: failsafe([]), ...telephones, events: transferEvents },
  ];
}

/** One ear, two, and three of which the first is barred. */
function hearingWalks(): readonly Walk[] {
  const { host, facts } = { host: callHost, facts: hearingFacts };
  const third = { ...deciding, vendor: 'another', decides: false };
  const two = { agent: { ...hotel, ears: [deciding, dictated] } };
  const onBackup = {
    agent: { ...hotel, ears: [deciding, dictated, third] },
    ears: { ...freshEars, ear: 1, barred: [0] },
  };
  const walksOf = (regions: { readonly voice: object }, begun: Partial<CallContext>): Walk[] => [
    { machine: callOf({ ...regions, hearing }, begun), host, facts, events: hearingEvents, breaks: nothingFailed },
    { machine: callOf({ hearing, conversation: talk }, begun), host, facts, events: answerEvents },
  ];
  const sound = { voice: surroundings.voice };
  return [...walksOf({ voice }, {}), ...walksOf(sound, two), ...walksOf(sound, onBackup)];
}

const reply = (context: Partial<ReplyContext>, ends: Walk['ends'] = never): Walk => ({
  machine: replyOf(context),
  host: replyHost,
  events: replyEvents,
  facts: replyFacts,
  breaks: isUntried,
  ends,
});

function replyWalks(): readonly Walk[] {
  const tool = { id: 'a', key: 'k', name: 'room_price', input: '{}', effect: 'none' as const };
  return [
    reply({}),
    reply({
      fixed: 'Good morning.',
      preface: 'You are speaking with a machine.',
      voices: ['cartesia/one', 'openai/two'],
    }),
    reply({ models: ['openai/one', 'groq/two'] }, soundHasCome),
    reply({ unfinished: [tool] }, toolsAreFinished),
    reply({ round: 5 }, soundHasCome),
  ];
}

const alerting = (input: AlertInput): Walk => ({
  machine: inertAlerting,
  input,
  host: alertingHost(input),
  events: alertEvents,
  facts: alertFacts,
});

/** Everything that is walked, region by region. */
export const parts: readonly Part[] = [
  {
    name: 'line',
    tables: ['line-walk.ts'],
    nodes: (machine) => [...nodesOf(live(machine)), ...nodesOf(machine.root.states['leaving']!)],
    walks: () => [
      { machine: callOf({ line, conversation: talk }), host: callHost, events: lineEvents, facts: lineFacts },
    ],
  },
  {
    name: 'hearing',
    tables: ['line-walk.ts'],
    nodes: (machine) => nodesOf(live(machine)),
    walks: hearingWalks,
  },
  {
    name: 'recording',
    tables: ['recording-walk.ts'],
    nodes: regionOf('recording'),
    walks: () => [
      { machine: callOf({ recording }, disclosing), host: callHost, events: recordingEvents, facts: recordingFacts },
    ],
  },
  {
    name: 'conversation',
    tables: ['conversation-walk.ts', 'telephone-walk.ts'],
    nodes: (machine) => [machine.root, ...regionOf('conversation')(machine)],
    walks: conversationWalks,
  },
  { name: 'reply', tables: ['reply-walk.ts'], nodes: whole, walks: replyWalks },
  {
    name: 'egress',
    tables: ['egress-walk.ts'],
    nodes: whole,
    walks: () => [
      {
        machine: inertEgress,
        input: egressInput,
        host: egressHost,
        events: egressEvents,
        facts: egressFacts,
        ends: isOver,
      },
    ],
  },
  {
    name: 'alert',
    tables: ['alert-walk.ts'],
    nodes: whole,
    walks: () => [alerting({}), alerting({ heartbeatMs: 60_000 })],
  },
  {
    name: 'keeping',
    tables: ['keeping-walk.ts'],
    nodes: whole,
    walks: () =>
      keepingWalks.map((input) => ({
        machine: inertKeeping,
        input,
        host: keepingHost(input),
        events: keepingEvents,
        facts: keepingFacts,
      })),
  },
  {
    name: 'worker',
    tables: ['worker-walk.ts'],
    nodes: whole,
    walks: () => [{ machine: inertWorker, host: workerHost, events: workerEvents, facts: workerFacts }],
  },
  {
    name: 'reconciler',
    tables: ['reconciler-walk.ts'],
    nodes: whole,
    walks: () => [{ machine: inertReconciler, host: reconcilerHost, events: reconcilerEvents, facts: reconcilerFacts }],
  },
  {
    name: 'recovery',
    tables: ['recovery-walk.ts'],
    nodes: whole,
    walks: () =>
      recoveryWalks.map(({ input, ...world }) => ({
        machine: inertRecovery,
        input,
        host: recoveryHost(input),
        events: recoveryEvents(world),
        facts: recoveryFacts,
        ends: recoveryEnds(world),
      })),
  },
  {
    name: 'token',
    tables: ['token-walk.ts'],
    nodes: whole,
    walks: () => [
      {
        machine: inertToken,
        input: hostedInput,
        host: tokenHost,
        events: tokenEvents,
        facts: tokenFacts,
        ends: isOver,
      },
    ],
  },
];

/** All regions of a call together, without recording. */
export const product: Part = {
  name: 'line × voice × hearing × conversation',
  tables: ['product-walk.ts'],
  nodes: () => [],
  walks: () => [
    {
      machine: callOf({ line, voice, hearing, conversation }, { agent: { ...hotel, disclosure: '', greeting: '' } }),
      host: callHost,
      events: productEvents,
      facts: productFacts,
      breaks: never,
    },
  ],
};
