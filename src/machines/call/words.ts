/** What words mean for the floor. Pure; one table a language, all languages tried, since callers mix them. */

const backchannels = new Set(
  `mm mhm mmhm mm-hm mm-hmm mhmm hm hmm uh-huh uhhuh uh huh yeah yep yes okay ok right sure aha ah oh i see got it alright
  ja genau aha achso okay gut mhm
  угу ага да так понятно ясно хорошо ладно м-м мм`
    .split(/\s+/)
    .filter(Boolean),
);

const stopWords = new Set('stop wait no hold halt warte warten nein moment стоп подожди подождите нет'.split(' '));

/** Said by somebody who wants the floor. */
export const isStopWord = (word: string): boolean => stopWords.has(word);

const holds =
  /\b(hold on|one moment|just a (?:second|moment|minute)|give me a (?:second|moment|minute)|bear with me|einen (?:augenblick|moment)|kleinen moment)\b|(?:^|\s)(?:секунд[уочк]+|минут[уочк]+|подождите)(?:$|[\s.,!])/iu;

const fillers =
  /(?:^|\s)(?:um+|uh+|er+|and|but|so|or|because|with|the|a|an|to|for|of|in|on|at|from|about|if|is|are|was|we|i|my|your|our|this|that|which|äh+|ähm+|und|aber|oder|weil|mit|von|für|über|ob|ist|ich|wir|mein|meine|der|die|das|ein|eine|э+|эм+|ну|и|а|но|или|что|с|на|о|об|про|для|если|мы|я|мой|моя|в|к)[.,…]*$/iu;

const numberWord =
  /^(?:\d+|zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|ноль|один|два|три|четыре|пять|шесть|семь|восемь|девять|\p{L})$/iu;

export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize('NFKC')
    .split(/[^\p{L}\p{N}'-]+/u)
    .filter(Boolean);

/** For loose comparison: case, punctuation and spacing do not make another text. */
export const plain = (text: string): string => wordsOf(text).join(' ');

/** "mm-hm", "yeah okay": the caller listens and wants nothing. */
export const isBackchannel = (text: string): boolean => {
  const words = wordsOf(text);
  return words.length > 0 && words.length <= 3 && words.every((word) => backchannels.has(word));
};

const farewells = new Set(
  `bye goodbye good night thanks thank you very much cheers take care have a nice day too so see later then
  tschüss tschüs ciao danke dankeschön vielen dank auf wiederhören wiedersehen bis bald schönen tag noch
  пока спасибо большое до свидания всего доброго хорошего дня`
    .split(/\s+/)
    .filter(Boolean),
);

/** Words that end a call and want no answer; "okay, bye" is one of them. */
export const isFarewell = (text: string): boolean =>
  wordsOf(text).every((word) => farewells.has(word) || backchannels.has(word));

/** "Hold on a second": the caller will be back. */
export const asksToHold = (text: string): boolean => holds.test(text) && wordsOf(text).length <= 7;

/** The word ends a question. */
export const endsInQuestion = (word: string): boolean => /\?["'»”)]*\s*$/.test(word);

/** The rest of a text, as it was written, after its first `count` words. */
export function afterWords(text: string, count: number): string {
  const last = [...text.matchAll(/[\p{L}\p{N}'-]+/gu)][count - 1];
  return last ? text.slice(last.index + last[0].length).replace(/^[^\p{L}\p{N}]+/u, '') : text;
}

/** How long quiet must last after these words before the turn is taken, in ms (`docs/conversation.md`). */
export function commitMsOf(text: string): number {
  const words = wordsOf(text);
  if (words.length > 1 && words.slice(-2).every((word) => numberWord.test(word))) return 1500;
  if (fillers.test(text.trim())) return 1300;
  return /[.!?…]["'»”)]*\s*$/.test(text) ? 350 : 700;
}
