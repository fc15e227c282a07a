import type { Failure } from '../../src/failure.ts';
import type { AgentFacts } from '../../src/machines/call/context.ts';
import { answered, caller, callerSays, type CallHarness, createCallHarness, spoken } from './call-harness.ts';

/** A long answer without a question in it. */
export const telling = 'We have a room with a view of the lake and a balcony.';

export const failure: Failure = {
  vendor: 'test',
  phase: 'stream',
  class: 'api',
  retryable: true,
  message: 'it broke',
};

export const voiceOn = (call: CallHarness) => call.send({ type: 'caller.voice_started', onsetMs: 60, levelDb: -20 });

export const voiceOff = (call: CallHarness, echo = false) =>
  call.send({ type: 'caller.voice_stopped', quietMs: 120, echo });

/** Words of the transcriber; interim unless told otherwise. */
export const hear = (call: CallHarness, utterance: number, text: string, final = false) =>
  call.send({ type: 'stt.words', utterance, text, final });

/** Two ears, a line and a caller who lets it ring. */
export function ringing(facts: Partial<AgentFacts> = {}): CallHarness {
  const call = createCallHarness(facts);
  call.send({ type: 'line.joined' });
  call.send({ type: 'caller.joined', caller });
  call.report('stt', { type: 'stt.opened' });
  return call;
}

/** Disclosure and greeting were heard; nobody speaks. */
export async function listening(facts: Partial<AgentFacts> = {}): Promise<CallHarness> {
  const call = createCallHarness(facts);
  await answered(call);
  return call;
}

/** The caller has asked, and an answer is being got ready for good. */
export async function asked(text = 'What does a room cost?', facts: Partial<AgentFacts> = {}): Promise<CallHarness> {
  const call = await listening(facts);
  await asks(call, 0, text);
  return call;
}

export async function asks(call: CallHarness, utterance: number, text: string): Promise<void> {
  await callerSays(call, utterance, text);
  await call.clock.advance(250);
}

/** Words of the agent's present turn reach the caller. */
export const heard = (call: CallHarness, words: string, heardMs: number) =>
  call.send({
    type: 'playback.heard',
    turn: call.context().turn,
    words: words.split(' ').filter(Boolean),
    heardMs,
  });

/** The first of an answer is spoken and heard. */
export function begins(call: CallHarness, text: string, words = 3): void {
  call.report('think', { type: 'model.clause', text });
  call.report('think', { type: 'model.finished', reason: 'stop' });
  sounds(call, text, words);
}

/** The voice delivers, and the caller hears the first words. */
export function sounds(call: CallHarness, text: string, words: number): void {
  call.report('speak', { type: 'voice.requested' });
  call.report('speak', { type: 'voice.first_audio' });
  call.send({ type: 'playback.started', turn: call.context().turn });
  if (words > 0) heard(call, text.split(' ').slice(0, words).join(' '), words * 300);
}

/** The agent is in the middle of an answer. */
export async function speaking(text = telling, words = 3): Promise<CallHarness> {
  const call = await asked();
  begins(call, text, words);
  return call;
}

/** The agent is in the middle of its greeting, or of what it must say before that. */
export async function opening(part: 'disclosing' | 'greeting'): Promise<CallHarness> {
  const call = ringing();
  call.send({ type: 'caller.answered' });
  if (part === 'greeting') await spoken(call, call.context().agent.disclosure);
  sounds(call, part === 'greeting' ? call.context().agent.greeting : call.context().agent.disclosure, 2);
  return call;
}

/** Everything written was heard. */
export const finishes = (call: CallHarness) => call.send({ type: 'playback.finished', turn: call.context().turn });

/** The model asks for tools. */
export function wants(call: CallHarness, name: string, input: Record<string, unknown>, id = 'c1'): void {
  call.report('think', { type: 'model.tools', calls: [{ id, name, input: JSON.stringify(input) }] });
}

export const says = (call: CallHarness): string[] =>
  call.commands('speak').flatMap((each) => (each.type === 'voice.say' ? [each.text.trim()] : []));

/** Inputs with which an actor was started, in order. */
export const starts = (call: CallHarness, actor: string): any[] =>
  call.deeds.flatMap((deed) => (deed.actor === actor && deed.did === 'start' ? [deed.input] : []));

export const playbacks = (call: CallHarness): string[] => call.commands('playback').map((each) => each.type);

export const why = (call: CallHarness): string | undefined => call.actor.getSnapshot().output?.why;
