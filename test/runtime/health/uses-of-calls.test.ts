import { expect, test } from 'vitest';
import type { Failure } from '../../../src/failure.ts';
import { foldUses } from '../../../src/runtime/health/uses-of-calls.ts';
import type { CallNotice, Sighting } from '../../../src/runtime/notices.ts';

const failure: Failure = { vendor: 'groq', phase: 'rest', class: 'api', sub: 'rate', retryable: true, message: 'busy' };

function folded() {
  const seen: Sighting[] = [];
  const fold = foldUses((sighting) => seen.push(sighting));
  const event = (at: number, type: string, data: object = {}, callKey = 'a', to = 'call.reply'): void =>
    fold({
      call: { callKey, room: 'r', epoch: 1, agent: 'tester' },
      draft: { at, kind: 'event', data: { to, type, ...data } },
    } as CallNotice);
  return { seen, event };
}

test('D5.2 what models and voices take until their first answer in calls, and what fails, is seen of each vendor', () => {
  const { seen, event } = folded();
  event(100, 'model.requested', { vendor: 'openai' });
  event(110, 'model.requested', { vendor: 'groq' }, 'b');
  event(400, 'model.first_token');
  event(405, 'model.progressed');
  event(410, 'model.failed', { failure }, 'b');
  event(500, 'voice.requested', { vendor: 'cartesia' });
  event(620, 'voice.first_audio');
  expect(seen).toEqual([
    { target: 'openai', by: 'use', at: 400, tookMs: 300, operation: 'model' },
    { target: 'groq', by: 'use', at: 410, tookMs: 300, operation: 'model', failure },
    { target: 'cartesia', by: 'use', at: 620, tookMs: 120, operation: 'voice' },
  ]);
});

test('D5.2 a stream that breaks after its first answer is a failure too; what was never asked for is nothing', () => {
  const { seen, event } = folded();
  event(100, 'model.requested', { vendor: 'groq' });
  event(200, 'model.first_token');
  event(300, 'model.failed', { failure });
  event(400, 'voice.first_audio');
  event(500, 'line.failed', { failure });
  event(600, 'model.failed', { failure: { ...failure, vendor: 'livekit' } });
  expect(seen.map(({ at, failure }) => [at, failure?.sub])).toEqual([
    [200, undefined],
    [300, 'rate'],
  ]);
});

test('D5.2 a transcriber is used from its request until it is open, and fails later by itself', () => {
  const { seen, event } = folded();
  event(660, 'stt.requested', { vendor: 'deepgram' }, 'a', 'call');
  event(900, 'stt.opened', {}, 'a', 'call');
  event(990, 'stt.failed', { failure: { ...failure, vendor: 'deepgram' } }, 'a', 'call');
  expect(seen).toMatchObject([
    { target: 'deepgram', tookMs: 240, operation: 'stt' },
    { target: 'deepgram', tookMs: 0, operation: 'stt', failure: { sub: 'rate' } },
  ]);
});

test('R10.4 a vendor that says nothing until the next one is asked has failed, and one that answered before has not', () => {
  const { seen, event } = folded();
  event(100, 'model.requested', { vendor: 'openai' });
  event(2600, 'model.requested', { vendor: 'groq' });
  event(2800, 'model.first_token');
  event(9000, 'model.requested', { vendor: 'openai' });
  event(9900, 'model.requested', { vendor: 'openai' });
  expect(seen).toMatchObject([
    { target: 'openai', at: 2600, tookMs: 2500, operation: 'model', failure: { class: 'network', sub: 'stall' } },
    { target: 'groq', at: 2800, tookMs: 200, operation: 'model' },
  ]);
  expect(seen).toHaveLength(2);
});

test('requests that nobody answers are forgotten', () => {
  const { seen, event } = folded();
  for (let call = 0; call < 2_000; call += 1) event(call, 'model.requested', { vendor: 'openai' }, String(call));
  event(3_000, 'model.first_token', {}, '0');
  event(3_000, 'model.first_token', {}, '1999');
  expect(seen).toHaveLength(1);
});
