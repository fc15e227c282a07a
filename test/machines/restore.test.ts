import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { describe, expect, it } from 'vitest';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { rearm, restorable, restoredSnapshot } from '../../src/runtime/restore.ts';
import { caller, callerSays, type CallHarness, createCallHarness, leaves, spoken } from '../support/call-harness.ts';
import {
  asked,
  asks,
  begins,
  finishes,
  hear,
  heard,
  listening,
  opening,
  ringing,
  says,
  sounds,
  speaking,
  starts,
  voiceOff,
  voiceOn,
  wants,
  why,
} from '../support/call-plays.ts';
import { everyMoment, firstMoments, type Moment, saved } from '../support/call-moments.ts';
import { isTransient, nodesOf } from '../support/state-nodes.ts';

/** Restores a call in another process, in one tick: children, timers and states are those of the first event after it. */
function restored({ record, atMs }: Moment, awayMs = 0): CallHarness {
  const startMs = atMs + awayMs;
  const call = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, record), startMs });
  rearm(call.actor, record.timers, startMs);
  call.send({ type: 'call.restored', epoch: 2 });
  return call;
}

const invokesOf = (snapshot: AnyMachineSnapshot): string[] =>
  snapshot._nodes.flatMap((node) => node.invoke.map(({ id }) => id)).toSorted();

const childrenOf = (actor: AnyActorRef): string[] =>
  Object.entries<AnyActorRef>((actor.getSnapshot() as AnyMachineSnapshot).children)
    .filter(([, child]) => child.getSnapshot().status === 'active')
    .map(([id]) => id)
    .toSorted();

const isIn = ({ record }: Moment, path: string) => leaves(record.value).some((leaf) => leaf.includes(path));

/** Where the conversation stands after a restore. */
function expectedAfter(moment: Moment): string {
  if (isIn(moment, 'leaving.') || isIn(moment, '.closing.') || isIn(moment, '.gone')) return 'leaving.hangingUp';
  if (isIn(moment, 'dialing.connecting')) return 'dialing.connecting';
  if (isIn(moment, 'dialing.')) return 'dialing.lookingUp.asking';
  if (isIn(moment, 'handedOverKeys')) return 'collectingDigits.first';
  if (isIn(moment, 'handedOverAway') || isIn(moment, 'listening.away')) return 'listening.away';
  if (isIn(moment, 'handedOver')) return 'listening.quiet';
  return isIn(moment, 'ringing') ? 'conversation.ringing' : 'replying.thinking.confirmed.clear';
}

describe('a restored call', () => {
  it('S3 was tried in every state that can be restored', async () => {
    const seen = new Set((await everyMoment()).flatMap(({ record }) => leaves(record.value)));
    const lasting = nodesOf(bareCall.root)
      .filter((node) => node.type === 'atomic' && !isTransient(node))
      .map((node) => node.path.join('.'));
    expect(lasting.filter((path) => !seen.has(path))).toEqual([]);
  });

  it('S3 runs, in the same tick, exactly the actors of the states it stands in', async () => {
    for (const moment of await everyMoment()) {
      const call = restored(moment);
      const where = leaves(moment.record.value).join(' | ');
      expect(childrenOf(call.actor), where).toEqual(invokesOf(call.actor.getSnapshot()));
      expect(
        call.states().some((leaf) => leaf.endsWith(expectedAfter(moment))),
        where,
      ).toBe(true);
      expect(call.errors, where).toEqual([]);
      if (!isIn(moment, 'leaving.')) expect(call.context().epoch, where).toBe(2);
      call.actor.stop();
    }
  });

  it('S3 that was talking takes a new turn and tells what is owed, or asks the model', async () => {
    const talking = (await everyMoment()).filter(
      (each) => isIn(each, 'talking') && !['.closing.', '.gone', 'handedOver', 'away'].some((path) => isIn(each, path)),
    );
    expect(talking.length).toBeGreaterThan(40);
    for (const moment of talking) {
      const call = restored(moment);
      const where = leaves(moment.record.value).join(' | ');
      expect(call.context(), where).toMatchObject({ ask: 'bridge', turn: moment.record.context.turn + 1 });
      expect(call.running().includes('think') || call.running().includes('tools') || says(call).length > 0, where).toBe(
        true,
      );
      call.actor.stop();
    }
  });

  it('S3 loses no word of the caller and no turn of the history', async () => {
    for (const moment of await everyMoment()) {
      const call = restored(moment);
      const before = moment.record.context;
      const text = call
        .context()
        .history.flatMap((line) => (line.who === 'caller' ? [line.text] : []))
        .join(' ');
      if (isIn(moment, 'talking') && !isIn(moment, '.closing.'))
        for (const each of before.pending) expect(text).toContain(each.text);
      expect(call.context().history.slice(0, before.history.length)).toEqual(before.history);
      call.actor.stop();
    }
  });

  it('S3 comes to an end when nothing more happens, wherever it was', async () => {
    for (const moment of await firstMoments()) {
      const call = restored(moment);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(delaysMs.lineBudget + 10_000);
      const where = leaves(moment.record.value).join(' | ');
      expect(call.states(), where).toEqual(['ended']);
      expect(call.errors, where).toEqual([]);
      expect(call.running(), where).toEqual([]);
    }
  });
});

const restoredFrom = (call: CallHarness) => restored(saved(call));

const sorry = 'Sorry for the pause.';

describe('what a restored call says first', () => {
  it('S3 begins at the first unheard word of what was handed to the voice', async () => {
    const call = restoredFrom(await speaking('We have a room with a view of the lake.', 4));
    expect(says(call)).toEqual([sorry, 'with a view of the lake.']);
    expect(call.running()).not.toContain('think');
  });

  it('S3 D9.1 waits for a line that takes long to be joined, and has its time to be heard from then on', async () => {
    const call = restoredFrom(await speaking('We have a room with a view of the lake.', 4));
    await call.clock.advance(delaysMs.replyReady - 400);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller });
    await call.clock.advance(delaysMs.replyReady - 1);
    expect(call.is('replying.thinking.confirmed')).toBe(true);
    expect(says(call)).toEqual([sorry, 'with a view of the lake.']);
    await call.clock.advance(1);
    expect(says(call).length).toBeGreaterThan(2);
  });

  it('S3 asks the model when an answer had not begun', async () => {
    const call = restoredFrom(await asked());
    expect(says(call)).toEqual([]);
    expect(starts(call, 'think')[0].messages.at(-1)).toEqual({ role: 'user', text: 'What does a room cost?' });
  });

  it('S3 asks the model for words that had not become a turn', async () => {
    const first = await listening();
    voiceOn(first);
    hear(first, 0, 'What does a room cost?', true);
    const call = restoredFrom(first);
    expect(starts(call, 'think')[0].messages.at(-1)).toEqual({ role: 'user', text: 'What does a room cost?' });
  });

  it('S3 asks the caller to say it again when nothing was owed', async () => {
    const call = restoredFrom(await listening());
    expect(says(call)).toEqual(['I am sorry, I did not catch that. Could you say it again?']);
  });

  it.each([
    ['disclosing', [`${sorry} speaking with an AI assistant.`, 'Hotel Lindau, how can I help?']],
    ['greeting', [sorry, 'how can I help?']],
  ] as const)('D4.1 says what was not heard while %s, the disclosure first', async (part, said) => {
    expect(says(restoredFrom(await opening(part)))).toEqual(said);
  });

  it('D4.1 says the rest of a disclosure once that was being said before an answer', async () => {
    const first = await opening('disclosing');
    voiceOn(first);
    hear(first, 0, 'What does a room cost?', true);
    voiceOff(first);
    await first.clock.advance(500);
    begins(first, 'Ninety euros.', 0);
    heard(first, 'speaking with', 600);
    const call = restoredFrom(first);
    expect(says(call)).toEqual([`${sorry} an AI assistant.`, 'Ninety euros.']);
    sounds(call, `${sorry} an AI assistant. Ninety euros.`, 5);
    expect(says(restoredFrom(call))).toEqual([`${sorry} AI assistant.`, 'Ninety euros.']);
  });

  it('D4.1 asks the model when only the rest of a disclosure was handed to the voice', async () => {
    const first = await opening('disclosing');
    voiceOn(first);
    hear(first, 0, 'What does a room cost?', true);
    voiceOff(first);
    await first.clock.advance(500);
    sounds(first, '', 0);
    heard(first, 'speaking with', 600);
    const call = restoredFrom(first);
    expect(says(call)).toEqual(['an AI assistant.']);
    expect(starts(call, 'think')[0].messages).toContainEqual({ role: 'user', text: 'What does a room cost?' });
    sounds(call, 'an AI', 1);
    const again = restoredFrom(call);
    expect(says(again)).toEqual(['AI assistant.']);
    expect(again.running()).toContain('think');
  });

  it('S3 goes on again after a second restore during the bridge', async () => {
    const first = restoredFrom(await speaking('We have a room with a view of the lake.', 4));
    sounds(first, `${sorry} with a view of the lake.`, 6);
    expect(says(restoredFrom(first))).toEqual([sorry, 'view of the lake.']);
    const neverBegun = restoredFrom(await speaking('We have a room with a view of the lake.', 4));
    expect(says(restoredFrom(neverBegun))).toEqual([sorry, 'with a view of the lake.']);
    const barely = restoredFrom(await speaking('We have a room with a view of the lake.', 4));
    sounds(barely, `${sorry} with a view of the lake.`, 2);
    expect(says(restoredFrom(barely))).toEqual([sorry, 'with a view of the lake.']);
  });

  it('S3 hangs up after a bridge that ends the goodbye it interrupted', async () => {
    const first = await asked('That is all, thank you.');
    first.report('think', { type: 'model.clause', text: 'Goodbye, Ms. Weber, until Monday.' });
    wants(first, 'end_call', {});
    sounds(first, 'Goodbye, Ms. Weber, until Monday.', 3);
    const call = restoredFrom(first);
    expect(says(call)).toEqual([sorry, 'until Monday.']);
    await spoken(call, `${sorry} until Monday.`);
    expect(call.is('closing.lastWord')).toBe(true);
  });

  it('S3 hangs up after a goodbye that was heard to its end, and says that it was one', async () => {
    const first = await asked('That is all, thank you.');
    first.report('think', { type: 'model.clause', text: 'Goodbye.' });
    wants(first, 'end_call', {});
    sounds(first, 'Goodbye.', 1);
    finishes(first);
    const call = restoredFrom(first);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('agent said goodbye');
  });

  it('S3 says nothing to a caller who was handed over between two turns, and answers what was said meanwhile', async () => {
    const first = await listening();
    first.send({ type: 'call.hand_over' });
    expect(first.is('listening.handedOver')).toBe(true);
    const call = restoredFrom(first);
    expect(says(call)).toEqual([]);
    expect(call.is('listening.quiet')).toBe(true);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller: first.context().caller! });
    call.report('stt', { type: 'stt.opened' });
    await callerSays(call, 0, 'What does a room cost?');
    await call.clock.advance(700);
    expect(says(call)).toEqual([]);
    expect(starts(call, 'think')[0].messages.at(-1)).toEqual({ role: 'user', text: 'What does a room cost?' });
  });

  it('S3 leaves a caller in peace who asked us to hold on, for as long as before', async () => {
    const first = await listening();
    await callerSays(first, 0, 'Hold on a second.');
    await first.clock.advance(500);
    const call = restoredFrom(first);
    expect(call.is('listening.away')).toBe(true);
    attach(call, first);
    await call.clock.advance(delaysMs.callerAway - 1);
    expect([...says(call), ...starts(call, 'think')]).toEqual([]);
    await call.clock.advance(1);
    expect(says(call)).toEqual(['Are you still there?']);
  });

  it('S3 is not handed over while somebody speaks or is owed an answer, and goes on by itself when nobody takes it', async () => {
    for (const busy of [await speaking(), await asked(), await opening('greeting')]) {
      busy.send({ type: 'call.hand_over' });
      expect(busy.states().some((leaf) => leaf.includes('handedOver'))).toBe(false);
    }
    const left = await listening();
    left.send({ type: 'call.hand_over' });
    await left.clock.advance(delaysMs.handOver);
    expect(left.is('listening.quiet')).toBe(true);
    left.send({ type: 'call.hand_over' });
    voiceOn(left);
    expect(left.is('listening.callerTalking.worded')).toBe(true);
  });

  it('S3 never repeats what the caller cut', async () => {
    const first = await speaking('We have a room with a view of the lake.', 4);
    voiceOn(first);
    hear(first, 1, 'Is it quiet?', true);
    const call = restoredFrom(first);
    expect(says(call)).toEqual([]);
    expect(starts(call, 'think')[0].messages.at(-1).text).toBe('Is it quiet?');
  });
});

/** Line, caller and ears are there again. */
function attach(call: CallHarness, first: CallHarness): void {
  call.send({ type: 'line.joined' });
  call.send({ type: 'caller.joined', caller: first.context().caller! });
  call.report('stt', { type: 'stt.opened' });
}

/** The agent has asked for four keys, and these were pressed. */
async function typing(keys: string): Promise<CallHarness> {
  const call = await asked('I want to pay.');
  call.report('think', { type: 'model.clause', text: 'Please type your number.' });
  wants(call, 'collect_digits', { max: 4 });
  sounds(call, 'Please type your number.', 4);
  finishes(call);
  type(call, keys);
  return call;
}

const type = (call: CallHarness, keys: string) => {
  for (const digit of keys) call.send({ type: 'caller.digit', digit });
};

describe('a restored call whose caller was typing', () => {
  it.each(['', '47'])('D4.1 asks for all of it again, since a key may have been lost (“%s”)', async (keys) => {
    const call = restoredFrom(await typing(keys));
    expect(says(call)).toEqual([sorry, 'Please type your number.']);
    attach(call, call);
    await spoken(call, `${sorry} Please type your number.`);
    expect(call.is('collectingDigits.first')).toBe(true);
    type(call, '4711');
    expect(call.lines()).toContain('caller: [keys: 4711]');
    expect(call.lines().filter((line) => line.startsWith('caller: [keys'))).toHaveLength(1);
  });

  it('D4.1 who types into the question begins anew, and is asked again after a second restore', async () => {
    const call = restoredFrom(restoredFrom(await typing('47')));
    expect(says(call)).toEqual([sorry, 'Please type your number.']);
    sounds(call, `${sorry} Please type your number.`, 4);
    type(call, '47');
    expect(says(restoredFrom(call))).toEqual([sorry, 'Please type your number.']);
    type(call, '11');
    expect(call.lines()).toContain('caller: [keys: 4711]');
  });

  it('D4.1 and had not been asked to is asked to say it again, and nothing of it is kept', async () => {
    const first = await listening();
    type(first, '47');
    const call = restoredFrom(first);
    expect(says(call)).toEqual(['I am sorry, I did not catch that. Could you say it again?']);
    await spoken(call, says(call)[0]!);
    expect(call.is('listening.quiet')).toBe(true);
    type(call, '8#');
    expect(call.lines()).toContain('caller: [keys: 8]');
  });

  it('D4.1 and spoke meanwhile is answered', async () => {
    const first = await typing('47');
    hear(first, 7, 'is the beginning of it.', true);
    const call = restoredFrom(first);
    expect(starts(call, 'think')[0].messages.at(-1)).toEqual({ role: 'user', text: 'is the beginning of it.' });
  });

  it('D4.1 is handed over before the first key, and goes on typing', async () => {
    const first = await typing('');
    first.send({ type: 'call.hand_over' });
    expect(first.is('listening.handedOverKeys')).toBe(true);
    const call = restoredFrom(first);
    expect(says(call)).toEqual([]);
    expect(call.is('collectingDigits.first')).toBe(true);
    attach(call, first);
    type(call, '4711');
    expect(call.lines()).toContain('caller: [keys: 4711]');
  });

  it('D4.1 is not handed over between two keys: one could be pressed while nobody is there', async () => {
    const first = await typing('47');
    first.send({ type: 'call.hand_over' });
    expect(first.is('collectingDigits.between')).toBe(true);
    const spoke = await typing('');
    voiceOn(spoke);
    spoke.send({ type: 'call.hand_over' });
    expect(spoke.is('collectingDigits.first')).toBe(true);
    const left = await typing('');
    left.send({ type: 'call.hand_over' });
    type(left, '4');
    expect(left.is('collectingDigits.between')).toBe(true);
    const kept = await typing('');
    kept.send({ type: 'call.hand_over' });
    await kept.clock.advance(delaysMs.handOver);
    expect(kept.is('collectingDigits.first')).toBe(true);
  });
});

async function interrupted(effect: 'none' | 'idempotent' | 'once') {
  const first = await asked();
  wants(first, 'book', { nights: 2 });
  const [{ id, key, name }] = starts(first, 'tools').at(-1).calls;
  first.report('tools', { type: 'tool.started', id, key, name, effect });
  return { call: restored(saved(first)), key };
}

describe('tools of a restored call', () => {
  it.each(['none', 'idempotent', 'once'] as const)(
    'S3 one of effect %s without a result is resumed first',
    async (effect) => {
      const { call, key } = await interrupted(effect);
      expect(call.running()).toContain('tools');
      expect(call.running()).not.toContain('think');
      expect(starts(call, 'tools')).toEqual([
        {
          calls: [],
          known: [],
          resumed: [expect.objectContaining({ id: 'c1', key, name: 'book', input: '{"nights":2}', effect })],
        },
      ]);
    },
  );

  it('S3 the model is told which tool was resumed before what came of it, once', async () => {
    const { call, key } = await interrupted('idempotent');
    const tool = { id: 'c1', key, name: 'book' };
    call.report('tools', { type: 'tool.started', ...tool, effect: 'idempotent' });
    call.report('tools', { type: 'tool.finished', ...tool, ok: true, text: 'booked' });
    call.report('tools', { type: 'tools.finished' });
    expect(starts(call, 'think')[0].messages.slice(-3)).toEqual([
      { role: 'user', text: 'What does a room cost?' },
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'book', input: '{"nights":2}' }] },
      { role: 'tool', callId: 'c1', text: 'booked' },
    ]);
    expect(call.context().history.filter((line) => line.who === 'tool')).toHaveLength(1);
    begins(call, 'It is booked.', 3);
    finishes(call);
    call.report('stt', { type: 'stt.opened' });
    await asks(call, 30_000, 'Thanks a lot, and breakfast?');
    expect(call.running()).toContain('think');
  });

  it('S3 one that had finished is known, and is not run again', async () => {
    const first = await asked();
    wants(first, 'book', { nights: 2 });
    const [{ id, key, name }] = starts(first, 'tools').at(-1).calls;
    first.report('tools', { type: 'tool.started', id, key, name, effect: 'once' });
    first.report('tools', { type: 'tool.finished', id, key, name, ok: true, text: 'booked' });
    const call = restored(saved(first));
    expect(starts(call, 'think')[0].messages.at(-1)).toEqual({ role: 'tool', callId: 'c1', text: 'booked' });
    wants(call, 'book', { nights: 2 }, 'c9');
    expect(starts(call, 'tools').at(-1)).toMatchObject({
      calls: [{ id: 'c9', key }],
      known: [{ key, ok: true, text: 'booked' }],
      resumed: [],
    });
  });
});

describe('timers of a restored call', () => {
  it('S1 ringing keeps its moment', async () => {
    const first = ringing();
    await first.clock.advance(100_000);
    const call = restored(saved(first), 10_000);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller: first.context().caller! });
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(69_999);
    expect(call.is('ringing')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('leaving')).toBe(true);
  });

  it('S1 a ringing that was over meanwhile ends at once', async () => {
    const first = ringing();
    await first.clock.advance(100_000);
    const call = restored(saved(first), 200_000);
    await call.clock.advance(0);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('not answered');
  });

  it('S1 the longest length of the call is counted from its beginning', async () => {
    const first = await listening({ maxCallMs: 60_000 });
    await first.clock.advance(5000);
    const call = restored(saved(first), 10_000);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller: first.context().caller! });
    call.report('stt', { type: 'stt.opened' });
    await spoken(call, 'Could you say it again?');
    await callerSays(call, 20_000, 'Hold on a second.');
    await call.clock.advance(60_000 - call.clock.now() - 1);
    expect(call.is('listening.away')).toBe(true);
    await call.clock.advance(100);
    expect(call.is('closing.farewell')).toBe(true);
  });

  it('S1 a pause begins anew: an outage hangs up on nobody', async () => {
    const first = await listening();
    await first.clock.advance(6900);
    const call = restored(saved(first), 600_000);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller: first.context().caller! });
    call.report('stt', { type: 'stt.opened' });
    await spoken(call, 'Could you say it again?');
    await call.clock.advance(6999);
    expect(call.is('listening.quiet')).toBe(true);
    await call.clock.advance(1);
    expect(says(call).at(-1)).toBe('Are you still there?');
  });

  it('S1 hanging up is begun anew', async () => {
    const first = await listening();
    first.send({ type: 'caller.hung_up' });
    const call = restored(saved(first));
    expect(call.running()).toEqual(['hangUp']);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller hung up');
  });

  it('R9.3 a room that cannot be joined again is left after 90 s', async () => {
    const call = restored(saved(await speaking()));
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(delaysMs.lineBudget);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('line lost');
  });

  it('R9.3 a caller who left meanwhile is missed 30 s after the join', async () => {
    const call = restored(saved(await speaking()));
    call.report('stt', { type: 'stt.opened' });
    call.send({ type: 'line.joined' });
    heard(call, 'We', 10);
    await call.clock.advance(delaysMs.callerReturns);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller lost');
  });
});

it('S3 a record of a state that no longer exists is refused', async () => {
  const { record } = saved(await listening());
  expect(() => restoredSnapshot(bareCall, { ...record, value: { gone: 'away' } })).toThrow();
  expect(JSON.parse(JSON.stringify(restorable((await listening()).actor.getSnapshot())))).toMatchObject({
    context: { callKey: 'room~SCL_1' },
  });
});

it('S3 a voice that was on is heard anew', async () => {
  const first = await listening();
  voiceOn(first);
  const call = restored(saved(first));
  expect(call.is('voice.attached.off')).toBe(true);
  voiceOn(call);
  voiceOff(call);
  expect(call.context().lastSoundAt).toBe(call.clock.now() - 120);
});
