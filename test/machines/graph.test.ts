import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../../src/machines/call/context.ts';
import { conversation } from '../../src/machines/call/conversation.ts';
import { hearing } from '../../src/machines/call/hearing.ts';
import { line } from '../../src/machines/call/line.ts';
import { recording } from '../../src/machines/call/recording.ts';
import { voiceActivity as voice } from '../../src/machines/call/voice-activity.ts';
import type { ReplyContext } from '../../src/machines/reply/context.ts';
import { caller, guest, hotel } from '../support/call-harness.ts';
import {
  conversationEvents,
  conversationFacts,
  hasNothingElse,
  quietEvents,
  surroundings,
  turnEvents,
} from '../support/conversation-walk.ts';
import { answerEvents, hearingEvents, hearingFacts, lineEvents, lineFacts, talk } from '../support/line-walk.ts';
import { alertEvents, alertFacts } from '../support/alert-walk.ts';
import { egressEvents, egressFacts, egressInput } from '../support/egress-walk.ts';
import { callOf, inertAlerting, inertEgress, inertRecovery, inertToken, replyOf } from '../support/region-machines.ts';
import { recoveryEvents, recoveryFacts, recoveryWalks } from '../support/recovery-walk.ts';
import { disclosing, recordingEvents, recordingFacts } from '../support/recording-walk.ts';
import { isUntried, replyEvents, replyFacts } from '../support/reply-walk.ts';
import { tokenEvents, tokenFacts, tokenInput } from '../support/token-walk.ts';
import { dialEvents, telephoneFacts, transferEvents } from '../support/telephone-walk.ts';
import { transitionsOf } from '../support/transitions.ts';
import { type Walk, walked } from '../support/walk.ts';

type Region = (machine: AnyStateMachine) => readonly AnyStateNode[];

/** Walks, and fails on an edge that a live actor takes otherwise, or a transition that no edge takes. */
function expectWalked(
  name: string,
  region: Region,
  walks: readonly (Omit<Walk, 'input'> & { readonly input?: unknown })[],
): void {
  const results = walks.map((walk) => walked({ input: undefined, ...walk }));
  const taken = new Set(results.flatMap((result) => [...result.taken]));
  const all = transitionsOf(region(walks[0]!.machine));
  const sum = (count: 'states' | 'edges') => results.reduce((total, each) => total + each[count], 0);
  console.log(`${name}: ${sum('states')} states, ${sum('edges')} edges, all ${all.length} transitions`);
  expect(results.flatMap(({ wrong }) => wrong).slice(0, 10)).toEqual([]);
  expect(all.filter((each) => !taken.has(each))).toEqual([]);
}

const never = () => false;

const from = (context: Partial<CallContext>) => callOf({ ...surroundings, conversation }, context);
const agent = (facts: Partial<CallContext['agent']>) => from({ agent: { ...hotel, ...facts } });
const dialling = callOf({ ...surroundings, line, conversation }, { dial: guest });
const late = callOf({ ...surroundings, line, conversation }, { dial: { ...guest, outcome: { result: 'failed' } } });
const transferring = from({ caller, agent: { ...hotel, disclosure: '', greeting: '' } });
const reply = (context: Partial<ReplyContext>) => ({
  machine: replyOf(context),
  events: replyEvents,
  facts: replyFacts,
  breaks: isUntried,
});

const live = (machine: AnyStateMachine): AnyStateNode => machine.root.states['live']!;

/** Some ten seconds where nothing else runs. */
const patience = 180_000;

describe('every edge is walked on a live actor', { timeout: patience }, () => {
  it('S1 line, with leaving', () => {
    expectWalked('line', (machine) => [live(machine), machine.root.states['leaving']!], [
      { machine: callOf({ line, conversation: talk }), events: lineEvents, facts: lineFacts },
    ]);
  });

  it('S1 hearing, with our own ear for voice', () => {
    const walk = { machine: callOf({ voice, hearing }), events: hearingEvents, facts: hearingFacts };
    const calling = { machine: callOf({ hearing, conversation: talk }), events: answerEvents, facts: hearingFacts };
    expectWalked('hearing', (machine) => [live(machine)], [walk, calling]);
  });

  it('R4.1 recording', () => {
    expectWalked('recording', (machine) => [live(machine).states['recording']!], [
      { machine: callOf({ recording }, disclosing), events: recordingEvents, facts: recordingFacts },
    ]);
  });

  it('S1 conversation', () => {
    const facts = conversationFacts;
    const quiet = (machine: AnyStateMachine) => ({ machine, facts, events: quietEvents, breaks: never });
    const turns = (machine: AnyStateMachine) => ({ machine, facts, events: turnEvents, breaks: never });
    expectWalked('conversation', (machine) => [live(machine).states['conversation']!], [
      { machine: from({}), events: conversationEvents, facts, breaks: hasNothingElse },
      { ...quiet(from({ troubles: 1 })), breaks: hasNothingElse },
      quiet(from({ nudges: 2 })),
      quiet(agent({ greeting: '' })),
      quiet(agent({ disclosure: '' })),
      quiet(agent({ disclosure: '', greeting: '' })),
      turns(agent({ speculate: false })),
      turns(agent({ sttDecides: true, speculate: false })),
      { machine: dialling, facts: telephoneFacts, events: dialEvents },
      { machine: late, facts: telephoneFacts, events: dialEvents },
      { machine: transferring, facts: telephoneFacts, events: transferEvents },
    ]);
  });

  it('S1 reply', () => {
    const tool = { id: 'a', key: 'k', name: 'room_price', input: '{}', effect: 'none' as const };
    expectWalked('reply', (machine) => [machine.root], [
      reply({}),
      reply({ fixed: 'Good morning.', preface: 'You are speaking with a machine.' }),
      reply({ unfinished: [tool], models: ['openai/one', 'groq/two'] }),
      reply({ round: 5 }),
    ]);
  });

  it('D1.3 D7.2 egress', () => {
    const walk = { machine: inertEgress, input: egressInput, events: egressEvents, facts: egressFacts };
    expectWalked('egress', (machine) => [machine.root], [walk]);
  });

  it('D5.4 alerting', () => {
    const alerting = { machine: inertAlerting, events: alertEvents, facts: alertFacts };
    expectWalked('alert', (machine) => [machine.root], [
      { ...alerting, input: {} },
      { ...alerting, input: { heartbeatMs: 60_000 } },
    ]);
  });

  it('D6.1 D6.2 D6.3 D6.4 token', () => {
    const token = { machine: inertToken, events: tokenEvents, facts: tokenFacts };
    expectWalked('token', (machine) => [machine.root], [
      { ...token, input: tokenInput(['canSubscribe']) },
      { ...token, input: tokenInput(['canPublish']) },
    ]);
  });

  it('D8.1 D8.2 D8.3 D8.4 D8.5 D8.6 D8.7 D8.8 recovery', () => {
    const recovery = { machine: inertRecovery, facts: recoveryFacts };
    expectWalked(
      'recovery',
      (machine) => [machine.root],
      recoveryWalks.map(({ input, ...world }) => ({ ...recovery, input, events: recoveryEvents(world) })),
    );
  });
});
