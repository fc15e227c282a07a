import { describe, expect, it } from 'vitest';
import { type HistoryTurn, judge, type SpokenWord } from '../../emulators/verdict.ts';

let next = 0;
const speak = (text: string): SpokenWord[] => text.split(' ').map((word) => ({ number: next++, text: word }));
const ears = (words: readonly SpokenWord[]) => words.map((word) => ({ ...word, startMs: 0, endMs: 0 }));
const line = (turn: number, text: string, cut = false): HistoryTurn => ({
  turn,
  words: text.split(' ').filter(Boolean),
  cut,
});

const greeting = speak('how can I help you?');
const answer = speak('it costs eighty euros a night');
const spoken = new Map([
  [1, greeting],
  [2, answer],
]);
const wholeHistory = [line(1, 'how can I help you?'), line(2, 'it costs eighty euros a night')];
const judged = (heard: readonly SpokenWord[], history: readonly HistoryTurn[]) => judge(spoken, ears(heard), history);

describe('the verdict on what was heard', () => {
  it('agrees when every word of every turn was heard and written', () => {
    expect(judged([...greeting, ...answer], wholeHistory)).toEqual({
      heardEqualsHistory: true,
      lostInTransit: 0,
      words: 11,
      turns: [
        { turn: 1, heard: 5, inHistory: 5, lost: 0, agrees: true },
        { turn: 2, heard: 6, inHistory: 6, lost: 0, agrees: true },
      ],
    });
  });

  it('counts a damaged word between or behind heard ones as heard, and as lost', () => {
    const hurt = [...greeting.slice(0, 2), ...greeting.slice(3), ...answer.slice(0, -1)];
    expect(judged(hurt, wholeHistory)).toMatchObject({ heardEqualsHistory: true, lostInTransit: 2, words: 11 });
  });

  it.each([
    ['as many words', 'it costs eighty', true],
    ['one word more', 'it costs eighty euros', true],
    ['one word fewer', 'it costs', true],
    ['two words more', 'it costs eighty euros a', false],
    ['two words fewer', 'it', false],
    ['another word', 'it costs ninety', false],
  ])('where the agent was cut the history may have %s: %j', (_, text, agrees) => {
    const heard = [...greeting, ...answer.slice(0, 3)];
    expect(judged(heard, [wholeHistory[0]!, line(2, text, true)]).heardEqualsHistory).toBe(agrees);
  });

  it('a turn that was not cut may lack no word that was heard', () => {
    const history = [wholeHistory[0]!, line(2, 'it costs eighty euros a')];
    expect(judged([...greeting, ...answer], history).heardEqualsHistory).toBe(false);
  });

  it('words heard in a turn that the history does not have are against it, one at a cut is not', () => {
    const history = wholeHistory.slice(0, 1);
    const heard = (count: number) => judged([...greeting, ...answer.slice(0, count)], history);
    expect(heard(6)).toMatchObject({ heardEqualsHistory: false, turns: [{}, { turn: 2, heard: 6, inHistory: 0 }] });
    expect(heard(2).heardEqualsHistory).toBe(false);
    expect(heard(1).heardEqualsHistory).toBe(true);
    expect(heard(0)).toMatchObject({ heardEqualsHistory: true, words: 5, turns: [{ turn: 1 }] });
  });

  it('an empty history is right for a call in which nothing was heard, and for no other', () => {
    expect(judged([], [])).toEqual({ heardEqualsHistory: true, lostInTransit: 0, words: 0, turns: [] });
    expect(judged(greeting, []).heardEqualsHistory).toBe(false);
    expect(judge(new Map(), ears(greeting), []).heardEqualsHistory).toBe(false);
  });

  it('a turn in the history of which nothing was heard is against it', () => {
    expect(judged(greeting, wholeHistory).heardEqualsHistory).toBe(false);
  });
});
