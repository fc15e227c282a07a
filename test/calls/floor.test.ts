import { describe, expect, test } from 'vitest';
import { flux, nova } from '../../src/agent.ts';
import { answered, greeted, transcript } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { openCallWorld } from '../support/call-world.ts';

const rules = [
  {
    user: 'tell',
    text: 'The house was built by the lake long ago, it has forty rooms, a small garden and a view of the hills.',
  },
  { user: 'breakfast', text: 'At seven.' },
];

describe.concurrent('who has the floor', () => {
  test.each([
    { ear: 'Nova', agent: { ears: [nova()] } },
    { ear: 'Flux', agent: { ears: [flux()], speculate: true } },
  ])('D4.3 "uh-huh" stops nobody, words do, and the history holds what was heard ($ear)', ({ agent }) =>
    inRealTime(async () => {
      const world = await openCallWorld({ agent, emulators: { openai: { rules } } });
      const call = await world.dial();
      const { phone } = call;
      await greeted(call);
      await phone.sayWords('tell me more');
      await phone.when('heard.word', ({ text }) => text === 'built');
      const nodded = await phone.sayWords('uh-huh');
      await phone.when('heard.word', ({ text }) => text === 'ago,');
      const cut = await phone.sayWords('wait when is breakfast?');
      const line = await answered(call, /At seven/);

      const story = call.story();
      expect(story.bargeIns).toBe(1);
      const [told] = [...story.lines.values()].filter((each) => each.text.startsWith('The house'));
      expect(told).toMatchObject({ cut: true });
      expect(`${told!.text} ${told!.unheard}`).toBe(rules[0]!.text);
      expect(transcript(call).slice(2)).toEqual([
        'caller: tell me more',
        `agent: ${told!.text} /`,
        'caller: (uh-huh)',
        'caller: wait when is breakfast?',
        'agent: At seven.',
      ]);
      expect(line.turn).toBeGreaterThan(told!.turn);
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
      expect(silencesWithin(phone.events(), nodded.startMs - 500, cut.startMs)).toEqual([]);
      expect(call.host()!.context().counts).toMatchObject({ bargeIns: 1, backchannels: 1 });
      await world.close();
    }),
  );
});

/** Silences at the ear of 400 ms and more (the phone waits 200 ms until it calls it one) that began in this span. */
const silencesWithin = (events: readonly { type: string; endMs?: number }[], fromMs: number, toMs: number) =>
  events.filter(({ type, endMs = 0 }) => type === 'sound.ended' && endMs > fromMs && endMs < toMs);
