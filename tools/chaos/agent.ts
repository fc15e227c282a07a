import { appendFileSync } from 'node:fs';
import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { agent, cartesia, flux, groq, openai, tool } from '../../src/agent.ts';

const hungMs = 4_000;

/** By this signal the event loop of this process hangs, while the threads of its sound go on. */
process.on('SIGUSR2', () => {
  const untilMs = Date.now() + hungMs;
  while (Date.now() < untilMs);
});

/** Whom the callers of chaos talk to. Each booking is a line of a file, so that one that was made twice shows. */
export default agent({
  name: 'chaos',
  language: ['en'],
  ears: [flux(), openai('gpt-4o-mini-transcribe')],
  model: [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091'), openai('alloy')],
  disclosure: 'I am an AI.',
  greeting: 'How can I help?',
  instructions: 'You answer briefly.',
  tools: {
    book: tool({
      about: 'Books a room',
      input: z.object({ nights: z.number() }),
      timeoutMs: 8_000,
      effect: 'once',
      async run({ nights }, { key }) {
        appendFileSync(env['CHAOS_BOOKINGS'] ?? '', `${key}\n`);
        await setTimeout(1_000);
        return `booked for ${nights} nights`;
      },
    }),
  },
});
