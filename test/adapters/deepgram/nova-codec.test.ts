import { describe, expect, test } from 'vitest';
import { createNovaReader } from '../../../src/adapters/deepgram/nova-codec.ts';

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly final?: boolean;
  readonly speechFinal?: boolean;
}

const results = ({ from, to, text, final = false, speechFinal = false }: Piece) => ({
  type: 'Results',
  channel_index: [0, 1],
  start: from,
  duration: to - from,
  is_final: final,
  speech_final: speechFinal,
  channel: { alternatives: [{ transcript: text, confidence: 0.9, words: [] }] },
  metadata: { request_id: 'r' },
});

const interim = (from: number, to: number, text: string) => results({ from, to, text });
const segment = (from: number, to: number, text: string) => results({ from, to, text, final: true });
const last = (from: number, to: number, text: string) => results({ from, to, text, final: true, speechFinal: true });
const utteranceEnd = (at: number) => ({ type: 'UtteranceEnd', channel: [0, 1], last_word_end: at });

const words = (utterance: number, text: string, final: boolean) => ({ type: 'stt.words', utterance, text, final });
const maybeEnded = (utterance: number, text: string) => ({ type: 'stt.turn_maybe_ended', utterance, text });

const readAll = (...messages: readonly unknown[]) => {
  const read = createNovaReader();
  return messages.flatMap((message) => read(message));
};

describe('Nova messages', () => {
  test('D4.1 joins the segments of one utterance until speech_final', () => {
    expect(
      readAll(interim(0, 1, 'a room'), segment(0, 2, 'A room for'), interim(2, 3, 'two'), last(2, 3.5, 'two nights.')),
    ).toEqual([
      words(0, 'a room', false),
      words(0, 'A room for', true),
      words(0, 'A room for two', false),
      words(0, 'A room for two nights.', true),
      maybeEnded(0, 'A room for two nights.'),
    ]);
  });

  test('ends an utterance at UtteranceEnd where speech_final never came', () => {
    expect(
      readAll(segment(0, 2, 'a room'), interim(2, 3, 'please'), utteranceEnd(2.9), interim(3, 4, 'hello')),
    ).toEqual([
      words(0, 'a room', true),
      words(0, 'a room please', false),
      words(0, 'a room please', true),
      maybeEnded(0, 'a room please'),
      words(1, 'hello', false),
    ]);
  });

  test('an UtteranceEnd after speech_final is no second end', () => {
    expect(readAll(last(0, 1, 'yes'), utteranceEnd(0.8), utteranceEnd(0.8))).toEqual([
      words(0, 'yes', true),
      maybeEnded(0, 'yes'),
    ]);
  });

  test('an empty endpoint in silence ends nothing and is no utterance', () => {
    expect(readAll(last(0, 1, ''), last(1, 2, ''), last(2, 3, 'yes'))).toEqual([
      words(0, 'yes', true),
      maybeEnded(0, 'yes'),
    ]);
  });

  test('a final that lost the words of its interim loses nothing', () => {
    expect(readAll(interim(0, 1, 'wait please'), last(0, 1.5, ''))).toEqual([
      words(0, 'wait please', false),
      words(0, 'wait please', true),
      maybeEnded(0, 'wait please'),
    ]);
  });

  test('a final with other words than its interim wins', () => {
    expect(readAll(interim(0, 1, 'cook a table'), last(0, 1.5, 'Book a table.'))).toEqual([
      words(0, 'cook a table', false),
      words(0, 'Book a table.', true),
      maybeEnded(0, 'Book a table.'),
    ]);
  });

  test('a doubled final is told once', () => {
    const final = last(0, 1, 'two nights');
    expect(readAll(final, final, interim(1, 2, 'and'), final)).toEqual([
      words(0, 'two nights', true),
      maybeEnded(0, 'two nights'),
      words(1, 'and', false),
    ]);
  });

  test('a changed final for settled audio amends its own utterance, also when the next has begun', () => {
    expect(
      readAll(
        segment(0, 1, 'two'),
        last(1, 2, 'nights'),
        interim(2, 3, 'please'),
        last(1, 2, 'knights'),
        last(2, 3, 'please'),
      ),
    ).toEqual([
      words(0, 'two', true),
      words(0, 'two nights', true),
      maybeEnded(0, 'two nights'),
      words(1, 'please', false),
      words(0, 'two knights', true),
      words(1, 'please', true),
      maybeEnded(1, 'please'),
    ]);
  });

  test('an interim that comes after its final is stale', () => {
    expect(readAll(last(0, 2, 'hello there'), interim(0, 1, 'hello'))).toEqual([
      words(0, 'hello there', true),
      maybeEnded(0, 'hello there'),
    ]);
  });

  test('settles words on Finalize without ending the utterance', () => {
    const finalized = { ...segment(0, 1, 'one two'), from_finalize: true };
    expect(readAll(interim(0, 1, 'one two'), finalized, last(1, 2, 'three'))).toEqual([
      words(0, 'one two', false),
      words(0, 'one two', true),
      words(0, 'one two three', true),
      maybeEnded(0, 'one two three'),
    ]);
  });

  test('an Error, which the SDK has no type for, is a failure', () => {
    expect(readAll({ type: 'Error', description: 'It broke.', message: 'm', variant: 'v' })).toEqual([
      {
        type: 'stt.failed',
        failure: expect.objectContaining({ vendor: 'deepgram', message: 'It broke.', vendorCode: 'v' }),
      },
    ]);
  });

  test.each([
    { type: 'SpeechStarted', channel: [0, 1], timestamp: 1 },
    { type: 'Metadata' },
    { type: 'NewThing', x: 1 },
  ])('leaves %j alone', (message) => expect(createNovaReader()(message)).toEqual([]));

  test.each([
    'text',
    null,
    7,
    [],
    {},
    new Blob(['x']),
    { type: 5 },
    { type: 'Results' },
    { ...interim(0, 1, 'x'), start: 'zero' },
    { ...interim(0, 1, 'x'), channel: { alternatives: [] } },
    { type: 'UtteranceEnd' },
  ])('cannot read %j', (message) => expect(createNovaReader()(message)).toBeUndefined());
});
