import type { Expectation } from '../../actors/transcriber.ts';
import type { CallContext } from './context.ts';
import { endsInQuestion, wordsOf } from './words.ts';

const spelling = /\b(spell|letter by letter|buchstabier\p{L}*)|по буквам/iu;
const digits =
  /\b(number|code|pin|digits|\p{L}*nummer|ziffern|kennzahl)\b|номер\p{L}* (?:телефона|брони|заказа|карты|договора)|код|цифр/iu;
const request = /\?|\b(please|tell|give|say|type|bitte|nennen|sagen)\b|пожалуйста|назовите|скажите|введите/iu;
/** Asks whether, and for nothing to be told. */
const whether =
  /^(do|does|did|is|are|was|were|would|will|can|could|shall|should|have|has|may|möchten|wollen|soll|sollen|ist|sind|haben|hat|können|kann|darf|passt|stimmt|вы|хотите|можно|верно|это|есть|вам|будете)$/u;

const wantsTold = /\b(tell|give|say|type|spell|nennen|sagen|geben|buchstabieren)\b|назвать|сказать|продиктовать/iu;
const readBack = /\b(is that|is this|is it) (correct|right)\?|stimmt (das|es)\?|richtig\?|(верно|правильно)\?/iu;

/** How much of what was said last makes the question. */
const lastWords = 14;

/**
 * What the caller will say next, by what was heard of the agent: a transcriber that decides turns is more patient with digits and
 * letters, which come in groups, and less with a yes.
 */
export function expectedNext({ history }: Pick<CallContext, 'history'>): Expectation['kind'] {
  const line = history.findLast((each) => each.who === 'agent' && each.heard.length > 0);
  const heard = line?.who === 'agent' ? line.heard.slice(-lastWords) : [];
  const text = lastSentence(heard);
  if (!request.test(text)) return 'open';
  if (asksWhether(text)) return 'yesNo';
  if (spelling.test(text)) return 'spelling';
  if (digits.test(text)) return 'digits';
  return 'open';
}

function asksWhether(text: string): boolean {
  if (!endsInQuestion(text)) return false;
  return readBack.test(text) || (whether.test(wordsOf(text)[0] ?? '') && !wantsTold.test(text));
}

function lastSentence(words: readonly string[]): string {
  const end = words.slice(0, -1).findLastIndex((word) => /[.!?…]["'»”)]*$/.test(word));
  return words.slice(end + 1).join(' ');
}
