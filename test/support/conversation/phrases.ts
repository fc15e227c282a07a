import { type VoiceFixture, voiceFixtures } from '../../../emulators/voices/index.ts';
import type { Language } from './cases.ts';

interface Phrases {
  readonly disclosure: string;
  readonly greeting: string;
  /** What the caller asks to get a long answer, by its files. */
  readonly question: readonly string[];
  /** As tones longer than 15 s, without a question. */
  readonly long: string;
  readonly short: string;
}

/** What is said around the cases. */
export const phrases: Readonly<Record<Language, Phrases>> = {
  en: {
    disclosure: 'I am an AI.',
    greeting: 'Good morning.',
    question: ['ordinary-lake'],
    long: `The house was built by the lake a hundred years ago, and it has forty rooms on three floors. From the hills behind it
      one can see the mountains, when the weather is clear. A path leads along the shore into the village, where there are
      shops, a bakery and a small museum. In summer the boat goes to the island every hour, and in winter the train is faster.`,
    short: 'Very well.',
  },
  de: {
    disclosure: 'Ich bin eine KI.',
    greeting: 'Guten Tag.',
    question: ['pause-zimmer-de-0', 'pause-zimmer-de-1'],
    long: `Das Haus wurde vor hundert Jahren am See gebaut, und es hat vierzig Zimmer auf drei Etagen. Von den Bergen dahinter
      sieht man weit ins Land, wenn das Wetter klar ist. Ein Weg am Ufer entlang geht ins Dorf, wo es Kaffee, Kuchen und ein
      kleines Museum gibt. Im Sommer kommt das Boot jede Stunde zur Insel, und im Winter ist man mit der Bahn schneller.`,
    short: 'Sehr gern.',
  },
  ru: {
    disclosure: 'Я автомат.',
    greeting: 'Добрый день.',
    question: ['ordinary-price-ru'],
    long: `Дом построен у озера сто лет назад, в нём сорок комнат на трёх этажах. С холмов за домом видны горы, когда
      погода ясная. Тропа вдоль берега ведёт в деревню, где есть магазины, пекарня, кафе с террасой и маленький музей.
      Летом лодка ходит на остров каждый час, а зимой быстрее доехать на поезде, он останавливается рядом с домом.`,
    short: 'Хорошо.',
  },
};

/** The files of a language's question. */
export const questionOf = (language: Language): VoiceFixture[] =>
  voiceFixtures().filter(({ file }) => phrases[language].question.includes(file.replace(/\.wav$/, '')));

export const longAnswer = (language: Language): string => phrases[language].long.replaceAll(/\s+/g, ' ');
