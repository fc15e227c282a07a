import { expect, it } from 'vitest';
import { openReply } from '../support/reply-bench.ts';

const filler = 'One moment, please.';
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');
const answer = `${words(12)}. ${words(12)}. ${words(12)}.`;

it('D4.1 a voice that answers after a filler, for longer than 2 s, is not taken for dead', async () => {
  const call = openReply({ model: { answer: () => ({ text: answer }), firstTokenMs: 3000 } });
  await call.plays();
  expect(call.clips).toEqual([]);
  expect(call.said()).toBe(`${filler} ${answer}`);
  expect(call.finished()).toBe(true);
});

it('D4.1 a voice that falters once is heard to its end', async () => {
  const call = openReply({ model: { answer: () => ({ text: 'Ruby it.' }) }, voice: { realTimeFactor: 0.7 } });
  await call.plays();
  expect(call.clips).toEqual([]);
  expect(call.said()).toBe('Ruby it.');
  // Before it, in it and after it.
  expect(call.silences()).toHaveLength(3);
});

it('D4.1 a voice that stutters word by word, slower than it is played, is replaced', async () => {
  const call = openReply({ model: { answer: () => ({ text: answer }) }, voice: { realTimeFactor: 0.5 } });
  await call.plays();
  expect(call.clips).toEqual(['I am sorry, something went wrong on our side.']);
  expect(call.silences().length).toBeLessThan(6);
});

it('D4.1 a voice that dies behind a filler is replaced within 2.5 s', async () => {
  const call = openReply({
    model: { answer: () => ({ text: answer }), firstTokenMs: 2500 },
    voice: { trouble: () => ({ stallAfter: 3 }) },
  });
  await call.plays();
  expect(call.clips).toEqual(['I am sorry, something went wrong on our side.']);
  expect(Math.max(...call.silences())).toBeLessThan(2500);
});
