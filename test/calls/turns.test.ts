import { describe, expect, test } from 'vitest';
import { flux, groq, nova, openai } from '../../src/agent.ts';
import { openSqlite } from '../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../src/clock.ts';
import { ask, greeted, transcript } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime, wholeSuite } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { leftAtVendors, openConnections } from '../support/call-vendors.ts';
import { openCallWorld } from '../support/call-world.ts';

const rules = [
  { user: 'red', text: 'Ruby it is.' },
  { user: 'green', text: 'Then jade.' },
  { user: 'blue', text: 'Lapis!' },
];
const conversation = [
  'agent: I am an AI.',
  'agent: How can I help?',
  'caller: i like red',
  'agent: Ruby it is.',
  'caller: no green please',
  'agent: Then jade.',
  'caller: oh blue perhaps',
  'agent: Lapis!',
];

const gpt = [openai('gpt-5.4-mini')] as const;
const oss = [groq('openai/gpt-oss-120b')] as const;
const agents = [
  { vendors: 'Nova and OpenAI, thinking ahead', agent: { ears: [nova()], model: [...gpt], speculate: true } },
  { vendors: 'Flux and Groq, not thinking ahead', agent: { ears: [flux()], model: [...oss], speculate: false } },
  { vendors: 'Nova and Groq, not thinking ahead', agent: { ears: [nova()], model: [...oss], speculate: false } },
  { vendors: 'Flux and OpenAI, thinking ahead', agent: { ears: [flux()], model: [...gpt], speculate: true } },
];
const chosen = wholeSuite ? agents : agents.slice(0, 1);

describe.concurrent('a conversation, turn by turn', () => {
  test.each(chosen)(
    'D1.1 D1.5 D1.7 D4.1 D4.2 D4.3 R10.2 S2 with $vendors: heard, kept in SQLite, and cleaned up after',
    ({ agent }) =>
      inRealTime(async () => {
        const world = await openCallWorld({ agent, emulators: { openai: { rules } } });
        const call = await world.dial();
        await greeted(call);
        await ask(call, 'i like red', /Ruby/);
        await ask(call, 'no green please', /jade/);
        await ask(call, 'oh blue perhaps', /Lapis/);
        expect(transcript(call)).toEqual(conversation);
        expect(call.phone.heard().slice(-1)).toMatchObject([{ text: 'Lapis!' }]);
        expect(call.verdict()).toMatchObject({ heardEqualsHistory: true, words: 14 });
        const { kind } = agent.model[0]!;
        const { body: asked, provider } = world.emulators[kind].journal.entries({ type: 'completion.asked' }).at(-1)!;
        expect(provider).toBe(kind);
        expect(
          (asked as { messages: { role: string; content: string }[] }).messages.map(
            ({ role, content }) => `${role}: ${content}`,
          ),
        ).toEqual([
          'system: You answer briefly.',
          ...conversation.slice(0, -1).map((line) => line.replace('agent', 'assistant').replace('caller', 'user')),
        ]);

        const host = call.host()!;
        await call.phone.hangUp();
        await call.until(isEnd);
        expect(call.story().ended).toBe('caller hung up');
        await eventually(
          () => world.instance.calls.running().length,
          (count) => count === 0,
        );
        expect(host.value()).toBe('ended');
        await eventually(
          () => world.api.listRooms([call.room]),
          (rooms) => rooms.length === 0,
        );
        await eventually(
          () => leftAtVendors(world),
          (left) => left.length === 0,
        );

        await world.instance.close();
        const stores = await openSqlite({ dir: world.dataDir, clock: systemClock });
        const kept = await stores.log.read(call.callKey);
        const summary = await stores.log.summary(call.callKey);
        const unended = await stores.store.list();
        await stores.close();
        expect(kept).toEqual(call.entries().slice(0, kept.length));
        expect(kept.length).toBeGreaterThan(50);
        expect(summary).toMatchObject({ room: call.room, agent: 'tester', why: 'caller hung up', turns: 5 });
        expect(unended).toEqual([]);
        await eventually(
          () => openConnections(world),
          (count) => count === 0,
        );
        await world.close();
      }),
  );

  test('R9.1 the caller hears the first sentence while the model still writes the second', () =>
    inRealTime(async () => {
      const text = 'Of course. We have quiet rooms at the back, and some with a view of the lake and of the hills.';
      const world = await openCallWorld({ emulators: { openai: { rules: [{ text }], settings: { tokenMs: 150 } } } });
      const call = await world.dial();
      await greeted(call);
      const since = call.entries().length;
      await ask(call, 'i like red', /hills/);
      const order = call
        .entries()
        .slice(since)
        .flatMap((entry) => (entry.kind === 'event' ? entry.data.type : []));
      expect(order.indexOf('playback.started')).toBeGreaterThan(order.indexOf('model.first_token'));
      expect(order.indexOf('playback.started')).toBeLessThan(order.indexOf('model.finished'));
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
      await world.close();
    }));
});
