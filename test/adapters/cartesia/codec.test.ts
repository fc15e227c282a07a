import * as fc from '../../support/properties.ts';
import { expect, it } from 'vitest';
import { readMessage, wordsOf } from '../../../src/adapters/cartesia/codec.ts';
import { createSampleReader } from '../../../src/audio/sample-reader.ts';

it('reads the same samples wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 60 }), fc.array(fc.nat(120), { maxLength: 8 }), (pcm, cuts) => {
      const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
      const read = createSampleReader();
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).flatMap((to, i) => [...read(bytes.subarray(places[i], to))]);
      expect(pieces).toEqual([...pcm]);
    }),
  );
});

it('places words by where their context begins, and leaves out those without a time', () => {
  const word_timestamps = { words: ['a', 'b', 'c'], start: [0, 0.5], end: [0.4, 0.9] };
  expect(wordsOf({ type: 'timestamps', context_id: 'x', word_timestamps }, 1000)).toEqual([
    { text: 'a', startMs: 1000, endMs: 1400 },
    { text: 'b', startMs: 1500, endMs: 1900 },
  ]);
});

it('tells what is new from what is broken', () => {
  expect(readMessage({ type: 'viseme', context_id: 'x' })).toBe('unknown');
  expect(readMessage({ type: 'timestamps', context_id: 'x' })).toBe('unreadable');
  expect(readMessage({ type: 'done', context_id: 'x', more: 1 })).toEqual({ type: 'done', context_id: 'x' });
  expect([readMessage(5), readMessage('done'), readMessage([])]).toEqual(['unknown', 'unknown', 'unknown']);
});
