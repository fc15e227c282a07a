import { expect, it } from 'vitest';
import { foldFallbacks } from '../../../src/runtime/metrics/fallbacks.ts';
import { foldedCall } from '../../support/metrics-fold.ts';

it('D8.2 a call that goes over to another vendor, to stored phrases or to nothing is counted by what it falls back to', async () => {
  const call = foldedCall(foldFallbacks);
  call.event(1, 'model.requested', { vendor: 'openai' });
  call.event(2, 'model.requested', { vendor: 'openai' });
  call.event(3, 'model.requested', { vendor: 'groq' });
  call.event(4, 'voice.requested', { vendor: 'cartesia' });
  call.reply(5, 'voice.clips');
  call.reply(6, 'voice.clips');
  call.reply(7, 'voice.spoken');
  call.state(8, 'hearing.attached.deaf');
  call.state(9, 'hearing.attached.deaf');
  const fell = (part: string, to: string) => call.figure('voicechart_fallbacks_total', { part, to });
  expect([
    await fell('model', 'openai'),
    await fell('model', 'groq'),
    await fell('voice', 'cartesia'),
    await fell('voice', 'clips'),
    await fell('stt', 'nothing'),
  ]).toEqual([0, 1, 0, 1, 1]);
});
