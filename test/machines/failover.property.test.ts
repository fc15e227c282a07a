import { expect, it } from 'vitest';
import * as fc from '../support/properties.ts';
import { failure } from '../support/call-plays.ts';
import type { FakeAnswer } from '../support/fakes/fake-model.ts';
import type { VoiceTrouble } from '../support/fakes/fake-voice.ts';
import { openReply } from '../support/reply-bench.ts';

const text = 'Ruby it is, a fine stone, and rare. It is yours for the asking. Shall I wrap it up?';
const filler = 'One moment, please.';
const words = text.split(' ').length;

const at = fc.nat(words + 2);
const troubles = fc.oneof(
  at.map((failAfter): VoiceTrouble & Partial<FakeAnswer> => ({ failure, failAfter })),
  at.map((stallAfter): VoiceTrouble & Partial<FakeAnswer> => ({ stallAfter })),
);
const pace = fc.constantFrom(20, 120, 400);
const tempo = fc.constantFrom(10, 2, 0.8);
const tentative = fc.constantFrom(0, 0, 300, 1200);

const answerIn = (heard: string): string =>
  heard
    .split(filler)
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' ');

it('R10.4 wherever model and voice break: the ear hears each word once, in order, and the player tells just that', async () => {
  await fc.assert(
    fc.asyncProperty(
      troubles,
      troubles,
      pace,
      pace,
      tempo,
      tentative,
      async (model, voice, tokenMs, backupMs, realTimeFactor, tentativeMs) => {
        const call = openReply({
          model: { answer: () => ({ text, ...model }), tokenMs },
          backup: { answer: () => ({ text }), tokenMs: backupMs },
          voice: { trouble: () => voice, realTimeFactor, tones: true },
          secondVoice: { tones: true },
          tentativeMs,
        });
        await call.plays();
        expect(call.finished()).toBe(true);
        expect(answerIn(call.heard())).toBe(text);
        expect(call.wordsAtEar().join(' ')).toBe(call.heard());
        expect(Math.max(...call.silences())).toBeLessThan(2500);
      },
    ),
    { numRuns: 25 },
  );
});
