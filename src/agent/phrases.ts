/** What an agent says of itself, where neither the model nor the definition has words for the moment. */
export interface Phrases {
  /** The answer takes a while. */
  readonly filler: string;
  /** Something of ours failed. */
  readonly apology: string;
  readonly goodbye: string;
  /** Nothing was heard for a while. */
  readonly areYouThere: string;
  /** A voice was heard, but no words. */
  readonly pleaseRepeat: string;
  /** The agent can no longer hear at all. */
  readonly cannotHear: string;
  /** It fell silent in the middle of what it said, and goes on. */
  readonly sorryForPause: string;
  /** The caller is put through to somebody. */
  readonly puttingThrough: string;
  /** New callers meet nobody but this phrase: recovery could not mend what the agent needs. */
  readonly unavailable: string;
}

export const phraseNames = [
  'filler',
  'apology',
  'goodbye',
  'areYouThere',
  'pleaseRepeat',
  'cannotHear',
  'sorryForPause',
  'puttingThrough',
  'unavailable',
] as const;

/** By language, without region. Other languages bring their own in `phrases`. */
export const builtInPhrases: Readonly<Record<string, Phrases>> = {
  en: {
    filler: 'One moment, please.',
    apology: 'I am sorry, something went wrong on our side.',
    goodbye: 'Thank you for calling. Goodbye.',
    areYouThere: 'Are you still there?',
    pleaseRepeat: 'I am sorry, I did not catch that. Could you say it again?',
    cannotHear: 'I am sorry, I cannot hear you any more.',
    sorryForPause: 'Sorry for the pause.',
    puttingThrough: 'I am putting you through. Please stay on the line.',
    unavailable: 'Our assistant cannot be reached right now.',
  },
  de: {
    filler: 'Einen Moment, bitte.',
    apology: 'Entschuldigung, bei uns ist etwas schiefgegangen.',
    goodbye: 'Vielen Dank für Ihren Anruf. Auf Wiederhören.',
    areYouThere: 'Sind Sie noch da?',
    pleaseRepeat: 'Das habe ich leider nicht verstanden. Können Sie es bitte wiederholen?',
    cannotHear: 'Es tut mir leid, ich kann Sie nicht mehr hören.',
    sorryForPause: 'Entschuldigung für die Pause.',
    puttingThrough: 'Ich verbinde Sie. Bitte bleiben Sie am Apparat.',
    unavailable: 'Unser Assistent ist gerade nicht zu erreichen.',
  },
  ru: {
    filler: 'Одну минуту, пожалуйста.',
    apology: 'Извините, у нас что-то пошло не так.',
    goodbye: 'Спасибо за звонок. До свидания.',
    areYouThere: 'Вы ещё на линии?',
    pleaseRepeat: 'Извините, не удалось расслышать. Повторите, пожалуйста.',
    cannotHear: 'Извините, я вас больше не слышу.',
    sorryForPause: 'Извините за паузу.',
    puttingThrough: 'Я соединяю вас. Пожалуйста, оставайтесь на линии.',
    unavailable: 'Наш ассистент сейчас недоступен.',
  },
};

export const languageTag = /^[a-z]{2,3}(-[A-Z]{2})?$/;

/** The language without its region: `de-AT` is `de`. */
export const baseLanguage = (language: string): string => language.split('-')[0] ?? language;
