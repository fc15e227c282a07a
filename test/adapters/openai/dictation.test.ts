import { describe, expect, it } from 'vitest';
import { textOf } from '../../../src/adapters/openai/dictation.ts';

const segment = (text: string, no_speech_prob: number, avg_logprob: number) => ({ text, no_speech_prob, avg_logprob });

describe('the text of a transcription', () => {
  it('is what the answer says', () => {
    expect(textOf({ text: ' Two nights, please. ' })).toBe('Two nights, please.');
  });

  it('leaves out what Whisper makes up where nobody speaks, and keeps what it only hears badly', () => {
    const segments = [segment(' Two nights.', 0.7, -0.3), segment(' Thank you.', 0.9, -1.4), segment(' Hm', 0.1, -1.6)];
    expect(textOf({ text: 'x', segments })).toBe('Two nights. Hm');
    expect(textOf({ text: 'Thank you.', segments: [segment('Thank you.', 0.9, -1.4)] })).toBe('');
  });

  it.each([[{}], ['<html>'], [undefined], [{ error: { message: 'busy' } }]])(
    'refuses what is no answer: %j',
    (given) => {
      expect(() => textOf(given)).toThrow(SyntaxError);
    },
  );
});
