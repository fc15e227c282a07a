import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Rule } from '../../emulators/openai/script.ts';
import { flux, tool, toolError } from '../../src/agent.ts';
import { answered, ask, greeted, transcript } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { type CallWorld, openCallWorld } from '../support/call-world.ts';

const rules: readonly Rule[] = [
  {
    user: 'walk',
    tools: [
      { name: 'weather', input: {} },
      { name: 'tide', input: {} },
    ],
  },
  { tool: 'weather|tide', text: 'Sun and flood.' },
  {
    user: 'book',
    tools: [
      { name: 'book', input: { nights: 2 } },
      { name: 'book', input: { nights: 2 } },
    ],
  },
  { tool: 'book', tools: [{ name: 'book', input: { nights: 2 } }], times: 1 },
  { tool: 'book', text: 'It is booked.' },
  { user: 'slow', tools: [{ name: 'slow', input: {} }] },
  { tool: 'slow', text: 'Seven it is.' },
  { user: 'stuck', tools: [{ name: 'stuck', input: {} }] },
  { user: 'broken', tools: [{ name: 'broken', input: {} }] },
  { user: 'wrong', tools: [{ name: 'book', input: { nights: 'two' } }] },
  { tool: 'stuck|broken', text: 'No luck.' },
  { user: 'number', text: 'Type it.', tools: [{ name: 'collect_digits', input: {} }] },
  { user: 'keys: 47', text: 'Found it.' },
  { user: 'menu', text: 'Wait.', tools: [{ name: 'send_digits', input: { digits: '12#' } }] },
  { user: 'bye', tools: [{ name: 'end_call', input: { say: 'So long.' } }] },
  { user: 'leave', tools: [{ name: 'end_call', input: {} }] },
];

/** What the model was told of a tool's result, by the name of the tool. */
function toldTo(world: CallWorld): string[] {
  const body = world.emulators.openai.journal.entries({ type: 'completion.asked' }).at(-1)?.['body'];
  const { messages } = body as { messages: readonly { role: string; content: string }[] };
  return messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
}

describe.concurrent('what the agent does', () => {
  test('tools run side by side, one with effects once, a slow one behind a filler, and errors are told to the model', () =>
    inRealTime(async () => {
      const running = new Set<string>();
      const seen = { together: false, booked: 0 };
      const sideBySide = (name: string, result: string) =>
        tool({
          about: name,
          input: z.object({}),
          effect: 'none',
          async run() {
            running.add(name);
            await eventually(
              () => running.size,
              (size) => size === 2,
              4000,
            );
            seen.together = true;
            return result;
          },
        });
      const world = await openCallWorld({
        emulators: { openai: { rules } },
        agent: {
          tools: {
            weather: sideBySide('weather', 'sun'),
            tide: sideBySide('tide', 'flood'),
            book: tool({
              about: 'Books.',
              input: z.object({ nights: z.number() }),
              run: () => `number ${(seen.booked += 1)}`,
            }),
            slow: tool({
              about: 'Takes its time.',
              input: z.object({}),
              effect: 'none',
              meanwhile: 'Looking it up.',
              run: () => delay(2500, 'seven'),
            }),
            stuck: tool({
              about: 'Never ends.',
              input: z.object({}),
              effect: 'none',
              timeoutMs: 700,
              run: () => new Promise(() => undefined),
            }),
            broken: tool({
              about: 'Fails.',
              input: z.object({}),
              effect: 'none',
              run: () => Promise.reject(toolError('the book is shut')),
            }),
          },
        },
      });
      const call = await world.dial();
      await greeted(call);
      await ask(call, 'a walk perhaps', /Sun and flood/);
      expect(seen.together).toBe(true);
      await ask(call, 'please book it', /It is booked/);
      expect(seen.booked).toBe(1);
      expect(toldTo(world).slice(-3)).toEqual(['number 1', 'number 1', 'number 1']);
      await ask(call, 'the slow one', /Looking it up\. Seven it is\./);
      await ask(call, 'the stuck one', /No luck/);
      expect(JSON.parse(toldTo(world).at(-1)!)).toEqual({
        error: { code: 'timeout', message: 'stuck gave no result within 700 ms.' },
      });
      await ask(call, 'the broken one', /No luck/);
      expect(JSON.parse(toldTo(world).at(-1)!)).toEqual({ error: { code: 'failed', message: 'the book is shut' } });
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
      expect(transcript(call).filter((line) => line.startsWith('tool')).length).toBe(6);
      await world.close();
    }));

  test('keys are collected and pressed, and the agent says its last words before it hangs up', () =>
    inRealTime(async () => {
      const world = await openCallWorld({
        agent: { ears: [flux()], speculate: true },
        emulators: { openai: { rules } },
      });
      const call = await world.dial();
      await greeted(call);
      await ask(call, 'i have a number', /Type it/);
      await call.phone.sendDigits('47#');
      await answered(call, /Found it/);
      const pressed = Promise.all(
        ['1', '2', '#'].map((key) => call.phone.when('digit.heard', ({ digit }) => digit === key)),
      );
      await ask(call, 'the menu now', /Wait/);
      expect((await pressed).map(({ identity }) => identity)).toEqual(Array(3).fill(`agent-${call.phone.callId}-1`));
      await call.phone.sayWords('fine bye');
      await call.until(isEnd);
      expect(call.story().ended).toBe('agent said goodbye');
      expect(await call.phone.when('ended')).toMatchObject({ reason: 'ROOM_DELETED', sip: 'BYE' });
      expect(transcript(call).slice(2)).toEqual([
        'caller: i have a number',
        'agent: Type it.',
        'caller: [keys: 47]',
        'agent: Found it.',
        'caller: the menu now',
        'agent: Wait.',
        'tool: send_digits → pressed',
        'caller: fine bye',
        'agent: So long.',
      ]);
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });

      const other = await world.dial();
      await greeted(other);
      await other.phone.sayWords('i must leave');
      await other.until(isEnd);
      expect(transcript(other).slice(2)).toEqual(['caller: i must leave', 'agent: Thank you for calling. Goodbye.']);
      await world.close();
    }));
});
