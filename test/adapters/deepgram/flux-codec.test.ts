import { describe, expect, test } from 'vitest';
import { configureFor, createFluxReader } from '../../../src/adapters/deepgram/flux-codec.ts';

const turn = (event: string, index: number, transcript: string) => ({
  type: 'TurnInfo',
  event,
  turn_index: index,
  transcript,
  words: [],
  end_of_turn_confidence: 0.5,
  sequence_id: 0,
});

const words = (utterance: number, text: string, final: boolean) => ({ type: 'stt.words', utterance, text, final });
const maybeEnded = (utterance: number, text: string) => ({ type: 'stt.turn_maybe_ended', utterance, text });
const ended = (utterance: number, text: string) => ({ type: 'stt.turn_ended', utterance, text });

const readAll = (...messages: readonly unknown[]) => {
  const read = createFluxReader();
  return messages.flatMap((message) => read(message));
};

describe('Flux messages', () => {
  test('D4.1 a turn: words, probably over, over', () => {
    expect(
      readAll(
        { type: 'Connected', request_id: 'r', sequence_id: 0 },
        turn('StartOfTurn', 0, 'a'),
        turn('Update', 0, 'a room'),
        turn('Update', 0, 'a room'),
        turn('EagerEndOfTurn', 0, 'A room.'),
        turn('EndOfTurn', 0, 'A room.'),
        turn('StartOfTurn', 1, 'Yes'),
      ),
    ).toEqual([
      { type: 'stt.opened' },
      words(0, 'a', false),
      words(0, 'a room', false),
      words(0, 'A room.', false),
      maybeEnded(0, 'A room.'),
      words(0, 'A room.', true),
      ended(0, 'A room.'),
      words(1, 'Yes', false),
    ]);
  });

  test('a turn that was thought over goes on', () => {
    expect(
      readAll(
        turn('StartOfTurn', 0, 'a room'),
        turn('EagerEndOfTurn', 0, 'a room'),
        turn('TurnResumed', 0, 'a room'),
        turn('Update', 0, 'a room for two'),
        turn('EagerEndOfTurn', 0, 'a room for two'),
        turn('EndOfTurn', 0, 'a room for two'),
      ),
    ).toEqual([
      words(0, 'a room', false),
      maybeEnded(0, 'a room'),
      { type: 'stt.turn_resumed', utterance: 0 },
      words(0, 'a room for two', false),
      maybeEnded(0, 'a room for two'),
      words(0, 'a room for two', true),
      ended(0, 'a room for two'),
    ]);
  });

  test('resuming what was never thought over is nothing', () => {
    expect(readAll(turn('TurnResumed', 0, 'a'))).toEqual([words(0, 'a', false)]);
  });

  test('a doubled end is told once; one with other words amends its own turn', () => {
    const end = turn('EndOfTurn', 0, 'two nights');
    expect(readAll(end, end, turn('StartOfTurn', 1, 'and'), turn('EndOfTurn', 0, 'two knights'))).toEqual([
      words(0, 'two nights', true),
      ended(0, 'two nights'),
      words(1, 'and', false),
      words(0, 'two knights', true),
    ]);
  });

  test('an end that lost its words keeps those heard before; one without any is nothing', () => {
    expect(readAll(turn('Update', 0, 'wait'), turn('EndOfTurn', 0, ''), turn('EndOfTurn', 1, ''))).toEqual([
      words(0, 'wait', false),
      words(0, 'wait', true),
      ended(0, 'wait'),
    ]);
  });

  test('an update after the end of its turn is stale', () => {
    expect(readAll(turn('EndOfTurn', 0, 'yes'), turn('Update', 0, 'ye'))).toEqual([
      words(0, 'yes', true),
      ended(0, 'yes'),
    ]);
  });

  test('an Error is a failure', () => {
    expect(readAll({ type: 'Error', sequence_id: 3, code: 'INTERNAL_SERVER_ERROR', description: 'It broke.' })).toEqual(
      [
        {
          type: 'stt.failed',
          failure: expect.objectContaining({
            class: 'api',
            sub: 'server',
            retryable: true,
            vendorCode: 'INTERNAL_SERVER_ERROR',
          }),
        },
      ],
    );
    expect(readAll({ type: 'Error', code: 'UNPARSABLE_CLIENT_MESSAGE' })).toMatchObject([
      { failure: { class: 'api', sub: 'protocol', retryable: false } },
    ]);
  });

  test.each([
    { type: 'ConfigureSuccess', thresholds: {}, keyterms: [] },
    { type: 'ConfigureFailure' },
    { type: 'NewThing' },
    turn('NewEvent', 0, ''),
  ])('leaves %j alone', (message) => expect(createFluxReader()(message)).toEqual([]));

  test.each([
    'text',
    null,
    new Blob(['x']),
    { type: '' },
    { type: 'TurnInfo' },
    { ...turn('Update', 0, 'x'), turn_index: -1 },
  ])('cannot read %j', (message) => expect(createFluxReader()(message)).toBeUndefined());
});

test('what is expected sets the thresholds: quick for yes or no, quiet alone for digits and spelling', () => {
  expect(configureFor({ kind: 'open' }, ['Lindau'])).toEqual({
    type: 'Configure',
    thresholds: { eager_eot_threshold: 0.5, eot_threshold: 0.7, eot_timeout_ms: 3000 },
    keyterms: ['Lindau'],
  });
  expect(configureFor({ kind: 'yesNo', terms: ['Lindau', 'Bodensee'] }, ['Lindau'])).toMatchObject({
    thresholds: { eager_eot_threshold: 0.4, eot_threshold: 0.6 },
    keyterms: ['Lindau', 'Bodensee'],
  });
  for (const kind of ['digits', 'spelling'] as const)
    expect(configureFor({ kind }, []).thresholds).toMatchObject({ eot_threshold: 1, eot_timeout_ms: 1500 });
});
