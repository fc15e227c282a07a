import type { CallContext } from './context.ts';
import { questionWasHeard } from './said.ts';
import { isStopWord, wordsOf } from './words.ts';

/** About three seconds of speech: what may come back over the line. */
const ownWords = 8;
/** An echo, and the transcriber's last word for it, come no later than that after we were heard. */
const returnMs = 3000;
/** So long before our last word a caller may have begun to answer our question in its own words. */
const overlapMs = 1500;
/** Words of an echo are misheard; two alone must both be ours. */
const leastShare = 0.6;
const fewWords = 2;

/**
 * What the transcriber heard is our own voice come back: most of it are the words that we spoke last, in that order. One word alone
 * is not enough, since people repeat it when they ask; and a voice of which our own ear says that it began after our last word, or into
 * the end of our question, is somebody who answers ("A double room.").
 */
export function isOwnEcho(context: CallContext, text: string, at: number): boolean {
  const words = wordsOf(text);
  if (words.length < fewWords || at - context.heardAt > returnMs || mayAnswer(context)) return false;
  const own = lastOwnWords(context);
  if (words.some((word) => isStopWord(word) && !own.includes(word))) return false;
  const shared = sharedInOrder(words, own);
  return words.length === fewWords ? shared === fewWords : shared / words.length >= leastShare;
}

function mayAnswer(context: CallContext): boolean {
  const { voiceStartedAt, heardAt } = context;
  return voiceStartedAt > heardAt || (questionWasHeard(context) && voiceStartedAt > heardAt - overlapMs);
}

const lastOwnWords = ({ history }: CallContext): string[] =>
  history
    .flatMap((line) => (line.who === 'agent' ? line.heard.slice(-ownWords) : []))
    .slice(-ownWords)
    .flatMap(wordsOf);

/** Length of the longest common subsequence. */
function sharedInOrder(said: readonly string[], own: readonly string[]): number {
  let best = own.map(() => 0);
  for (const word of said) {
    let before = 0;
    best = own.map((each, index) => {
      const here = each === word ? (best[index - 1] ?? 0) + 1 : 0;
      return (before = Math.max(before, best[index] ?? 0, here));
    });
  }
  return best.at(-1) ?? 0;
}
