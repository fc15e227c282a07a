import type { CallContext } from '../../src/machines/call/context.ts';
import type { SavedTimer } from '../../src/runtime/call-store.ts';
import { restorable, timersOf } from '../../src/runtime/restore.ts';
import {
  caller,
  callerSays,
  type CallHarness,
  createCallHarness,
  deciding,
  dictated,
  guest,
  leaves,
  spoken,
} from './call-harness.ts';
import {
  asked,
  begins,
  failure,
  finishes,
  hear,
  listening,
  opening,
  ringing,
  sounds,
  speaking,
  voiceOff,
  voiceOn,
  wants,
} from './call-plays.ts';

/** What a host would have saved at one moment of a call, after its way through JSON. */
export interface Moment {
  readonly record: { readonly value: unknown; readonly context: CallContext; readonly timers: readonly SavedTimer[] };
  /** When it was saved, in ms of the call's clock. */
  readonly atMs: number;
}

export function saved(call: CallHarness): Moment {
  const record = { ...restorable(call.actor.getSnapshot()), timers: timersOf(call.actor, call.dueAt) };
  return { record: JSON.parse(JSON.stringify(record)), atMs: call.clock.now() };
}

type Play = (note: (call: CallHarness) => void) => Promise<void>;

/** Joining, ringing, and a line that goes and comes back. */
const lines: Play = async (note) => {
  const joining = createCallHarness();
  note(joining);
  joining.send({ type: 'line.joined' });
  note(joining);
  const call = await listening();
  note(ringing());
  call.send({ type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' });
  note(call);
  call.send({ type: 'caller.joined', caller });
  call.send({ type: 'line.reconnecting' });
  note(call);
  call.send({ type: 'line.reconnected' });
  note(call);
  call.send({ type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' });
  note(call);
  call.send({ type: 'line.reconnecting' });
  note(call);
  call.send({ type: 'line.failed', failure });
  note(call);
};

/** The first ear is lost, another one is opened and hears. */
const backup: Play = async (note) => {
  const facts = { ears: [deciding, dictated] };
  const owed = createCallHarness(facts);
  voiceOn(owed);
  await owed.clock.advance(500);
  voiceOff(owed);
  note(owed);
  await owed.clock.advance(300);
  note(owed);
  const call = await listening(facts);
  call.report('stt', { type: 'stt.failed', failure: { ...failure, retryable: false } });
  note(call);
  call.report('stt', { type: 'stt.opened' });
  note(call);
  voiceOn(call);
  note(call);
  await call.clock.advance(1000);
  voiceOff(call);
  note(call);
  await call.clock.advance(1500);
  note(call);
};

/** Ears that open, hear nothing, break and are given up; a detector that breaks. */
const ears: Play = async (note) => {
  const call = ringing();
  call.send({ type: 'caller.answered' });
  note(call);
  voiceOn(call);
  note(call);
  await call.clock.advance(1300);
  note(call);
  call.report('stt', { type: 'stt.failed', failure });
  note(call);
  await call.clock.advance(200);
  note(call);
  const deaf = ringing();
  deaf.report('stt', { type: 'stt.failed', failure: { ...failure, retryable: false } });
  note(deaf);
  const broken = await listening();
  const error = new Error('broke');
  broken.actor.send({ type: 'xstate.error.actor.voiceActivity', error, actorId: 'voiceActivity' } as never);
  note(broken);
};

/** The agent begins, is guarded, speaks, is talked into and falls silent. */
const floor =
  (begun: () => Promise<CallHarness>, sound: (call: CallHarness) => void): Play =>
  async (note) => {
    const call = await begun();
    note(call);
    voiceOn(call);
    note(call);
    voiceOff(call);
    note(call);
    await call.clock.advance(200);
    sound(call);
    note(call);
    call.send({ type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' });
    note(call);
    call.send({ type: 'caller.joined', caller });
    voiceOn(call);
    note(call);
    voiceOff(call);
    note(call);
    voiceOn(call);
    await call.clock.advance(700);
    note(call);
    voiceOff(call);
    note(call);
    hear(call, 9, 'Mm-hm');
    note(call);
    hear(call, 9, 'Mm-hm, but what about breakfast?');
    note(call);
  };

const unspoken = async (part: 'disclosing' | 'greeting') => {
  const call = ringing();
  call.send({ type: 'caller.answered' });
  if (part === 'greeting') await spoken(call, call.context().agent.disclosure);
  return call;
};

/** The agent's turn begins while a voice is still heard. */
const lingering: Play = async (note) => {
  const opened = ringing();
  voiceOn(opened);
  opened.send({ type: 'caller.answered' });
  note(opened);
  await spoken(opened, opened.context().agent.disclosure);
  note(opened);
  const answering = await listening({ ears: [deciding] });
  voiceOn(answering);
  answering.send({ type: 'stt.turn_ended', utterance: 0, text: 'What does a room cost?' });
  note(answering);
};

/** The process is to stop while nobody speaks, and while the caller is away from the telephone. */
const handedOver: Play = async (note) => {
  const call = await listening();
  call.send({ type: 'call.hand_over' });
  note(call);
  const away = await listening();
  await callerSays(away, 0, 'Hold on a second.');
  await away.clock.advance(500);
  away.send({ type: 'call.hand_over' });
  note(away);
  const typing = await asked('I want to pay.');
  typing.report('think', { type: 'model.clause', text: 'Please type your number.' });
  wants(typing, 'collect_digits', { max: 4 });
  sounds(typing, 'Please type your number.', 4);
  finishes(typing);
  typing.send({ type: 'call.hand_over' });
  note(typing);
};

/** The caller is quiet, speaks, pauses, is answered for the time being, and goes on. */
const callerTurns: Play = async (note) => {
  const call = await listening();
  note(call);
  voiceOn(call);
  note(call);
  await call.clock.advance(2600);
  note(call);
  voiceOff(call);
  note(call);
  hear(call, 0, 'I would like a room and', true);
  await call.clock.advance(100);
  note(call);
  voiceOn(call);
  note(call);
  const slow = await listening({ speculate: false });
  voiceOn(slow);
  hear(slow, 0, 'I would like a room and', true);
  voiceOff(slow);
  await slow.clock.advance(300);
  note(slow);
  const away = await listening();
  await callerSays(away, 0, 'Hold on a second.');
  await away.clock.advance(500);
  note(away);
};

const tentative: Play = async (note) => {
  const call = await listening();
  await callerSays(call, 0, 'What does a room cost?');
  note(call);
  call.report('think', { type: 'model.clause', text: 'Ninety euros.' });
  note(call);
  voiceOn(call);
  note(call);
};

const keys: Play = async (note) => {
  const call = await asked('I want to pay.');
  call.report('think', { type: 'model.clause', text: 'Please type your number.' });
  wants(call, 'collect_digits', { max: 4 });
  sounds(call, 'Please type your number.', 4);
  note(call);
  finishes(call);
  note(call);
  call.send({ type: 'caller.digit', digit: '1' });
  note(call);
};

const tools: Play = async (note) => {
  const call = await asked();
  wants(call, 'book', {});
  note(call);
  call.report('tools', { type: 'tool.started', id: 'c1', key: 'k', name: 'book', effect: 'once' });
  note(call);
  call.report('tools', { type: 'tool.finished', id: 'c1', key: 'k', name: 'book', ok: true, text: 'booked' });
  note(call);
};

const operator: Play = async (note) => {
  const call = await speaking();
  call.send({ type: 'call.say', text: 'Dinner is served.' });
  note(call);
  sounds(call, 'Dinner is served.', 1);
  note(call);
};

/** A recording that begins, works, is ended, and one that fails. */
const recordings: Play = async (note) => {
  const call = await listening({ recording: {} });
  note(call);
  call.report('recording', { type: 'recording.started', egress: 'EG_1' });
  note(call);
  call.send({ type: 'call.stop_recording' });
  note(call);
  call.report('recording', { type: 'recording.ended', ok: false, why: 'the disk is full' });
  note(call);
};

const goodbye: Play = async (note) => {
  const call = await listening();
  call.send({ type: 'call.hang_up' });
  note(call);
  sounds(call, 'Thank you for calling. Goodbye.', 2);
  note(call);
  finishes(call);
  note(call);
  voiceOn(call);
  await call.clock.advance(1000);
  note(call);
  call.send({ type: 'call.hang_up' });
  note(call);
  call.report('hangUp', { type: 'line.hang_up_failed', failure });
  note(call);
};

/** Somebody is called; the process that called them dies, and theirs looks for the leg. */
const dialling: Play = async (note) => {
  const call = createCallHarness({}, { dial: guest });
  note(call);
  call.send({ type: 'line.joined' });
  note(call);
  call.report('dial', { type: 'dial.answered' });
  note(call);
  const taken = createCallHarness({}, { dial: guest });
  taken.send({ type: 'line.joined' });
  taken.send({ type: 'call.restored', epoch: 2 });
  note(taken);
  taken.report('findLeg', { type: 'leg.missing' });
  note(taken);
  await taken.clock.advance(600);
  taken.report('findLeg', { type: 'leg.found' });
  note(taken);
};

/** An operator has the caller put through, which takes its time. */
const transfers: Play = async (note) => {
  const call = await speaking();
  call.send({ type: 'call.transfer', person: 'frontDesk' });
  note(call);
  sounds(call, call.context().agent.phrases.puttingThrough, 2);
  note(call);
  finishes(call);
  note(call);
  await call.clock.advance(2500);
  note(call);
  sounds(call, call.context().agent.phrases.filler, 1);
  note(call);
  finishes(call);
  call.report('transfer', { type: 'transfer.done' });
  note(call);
};

/** The model has announced it, and the caller makes a sound. */
const heeded: Play = async (note) => {
  const call = await asked('I want to speak to somebody.');
  call.report('think', { type: 'model.clause', text: 'I connect you.' });
  wants(call, 'transfer_call', { to: 'frontDesk' });
  sounds(call, 'I connect you.', 3);
  finishes(call);
  note(call);
  voiceOn(call);
  note(call);
};

const plays: readonly Play[] = [
  lines,
  dialling,
  transfers,
  heeded,
  ears,
  backup,
  floor(
    () => unspoken('disclosing'),
    (call) => sounds(call, call.context().agent.disclosure, 2),
  ),
  floor(
    () => unspoken('greeting'),
    (call) => sounds(call, call.context().agent.greeting, 2),
  ),
  floor(asked, (call) => begins(call, 'We have a room with a view of the lake and a balcony.', 3)),
  async (note) => note(await opening('greeting')),
  lingering,
  callerTurns,
  handedOver,
  tentative,
  keys,
  tools,
  operator,
  recordings,
  goodbye,
];

let moments: Promise<readonly Moment[]> | undefined;

/** Moments at which a call stands in a state that none before it stood in. */
export async function firstMoments(): Promise<readonly Moment[]> {
  const seen = new Set<string>();
  return (await everyMoment()).filter(({ record }) => {
    const fresh = leaves(record.value).filter((leaf) => !seen.has(leaf));
    for (const leaf of fresh) seen.add(leaf);
    return fresh.length > 0;
  });
}

/** Calls played through, saved at each turn of events. Every state in which a call may stand is among them. */
export const everyMoment = (): Promise<readonly Moment[]> => (moments ??= playedAll());

async function playedAll(): Promise<Moment[]> {
  const found: Moment[] = [];
  for (const play of plays) {
    // oxlint-disable-next-line no-await-in-loop
    await play((call) => void found.push(saved(call)));
  }
  return found;
}
