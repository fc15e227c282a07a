/** What the callers of the conversation suite say. `parts` are files of their own: whoever plays them puts the pauses between. */
export interface Line {
  readonly name: string;
  readonly kind: 'interruption' | 'backchannel' | 'pause' | 'spelled' | 'ordinary';
  readonly language: 'en' | 'de' | 'ru';
  readonly sort?: 'stop' | 'sentence' | 'correction' | 'question' | 'answer' | 'goodbye';
  readonly parts: readonly string[];
  /** What the synthesiser is told instead of the text: its own phonemes in `[[…]]`. */
  readonly sounds?: string;
}

type Language = Line['language'];

const interruption = (name: string, language: Language, sort: Line['sort'], text: string): Line => {
  return { name: `interruption-${name}`, kind: 'interruption', language, sort, parts: [text] };
};
const backchannel = (name: string, language: Language, text: string, sounds?: string): Line => {
  return { name: `backchannel-${name}`, kind: 'backchannel', language, parts: [text], ...(sounds && { sounds }) };
};
const pause = (name: string, language: Language, ...parts: string[]): Line => {
  return { name: `pause-${name}`, kind: 'pause', language, parts };
};
const spelled = (name: string, language: Language, ...parts: string[]): Line => {
  return { name: `spelled-${name}`, kind: 'spelled', language, parts };
};
const ordinary = (name: string, language: Language, sort: Line['sort'], text: string): Line => {
  return { name: `ordinary-${name}`, kind: 'ordinary', language, sort, parts: [text] };
};

export const lines: readonly Line[] = [
  interruption('stop', 'en', 'stop', 'Stop!'),
  interruption('wait', 'en', 'stop', 'Wait, wait.'),
  interruption('stop-ru', 'ru', 'stop', 'Стоп!'),
  interruption('moment-de', 'de', 'stop', 'Moment, warten Sie.'),
  interruption('not-asked', 'en', 'sentence', 'That is not what I asked for.'),
  interruption('breakfast', 'en', 'sentence', 'Can you just tell me when breakfast is?'),
  interruption('cheaper-ru', 'ru', 'sentence', 'А есть что-нибудь подешевле?'),
  interruption('friday', 'en', 'correction', 'No, on Friday.'),
  interruption('three-nights', 'en', 'correction', 'Not two, three nights.'),
  interruption('double-de', 'de', 'correction', 'Nein, ein Doppelzimmer.'),

  backchannel('mm-hm', 'en', 'mm-hm', "[[m:h'm:]]"),
  backchannel('uh-huh', 'en', 'uh-huh', "[[V h'V]]"),
  backchannel('yeah', 'en', 'yeah'),
  backchannel('okay', 'en', 'okay'),
  backchannel('right', 'en', 'right'),
  backchannel('mhm-de', 'de', 'mhm', "[[mh'm:]]"),
  backchannel('ja-de', 'de', 'ja'),
  backchannel('genau-de', 'de', 'genau'),
  backchannel('ugu-ru', 'ru', 'угу'),
  backchannel('da-ru', 'ru', 'да'),

  pause('nights', 'en', 'I would like a room for', 'two nights, please.'),
  pause('arrive', 'en', 'We will arrive on Friday and', 'leave on Sunday morning.'),
  pause('parking', 'en', 'I wanted to ask about', 'the parking at the hotel.'),
  pause('children', 'en', 'There are two of us and', 'our two children.'),
  pause('name', 'en', 'My name is', 'Margaret Williams.'),
  pause('dog', 'en', 'Is it all right if we', 'bring our dog along?'),
  pause('zimmer-de', 'de', 'Ich hätte gern ein Zimmer mit', 'Blick auf den See.'),
  pause('anreise-de', 'de', 'Wir kommen am Samstag, aber', 'erst spät am Abend.'),
  pause('nomer-ru', 'ru', 'Мне нужен номер на', 'две ночи, пожалуйста.'),
  pause('priezd-ru', 'ru', 'Мы приедем в пятницу и', 'уедем в воскресенье.'),

  spelled('number-1', 'en', 'four nine three', 'zero one seven', 'five five two'),
  spelled('number-2', 'en', 'eight zero zero', 'two six one', 'nine four three'),
  spelled('number-3', 'en', 'one five five', 'three seven zero', 'six two eight'),
  spelled('number-4', 'en', 'seven seven one', 'zero four six', 'nine nine two'),
  spelled('number-5-de', 'de', 'null eins sieben', 'drei vier neun', 'sechs zwei acht'),
  spelled('number-6-de', 'de', 'acht drei fünf', 'null null vier', 'zwei sieben eins'),
  spelled('number-7-ru', 'ru', 'девять один шесть', 'пять ноль два', 'семь три восемь'),
  spelled('number-8-ru', 'ru', 'восемь ноль ноль', 'два пять пять', 'четыре один семь'),
  spelled('name-9', 'en', 'W I L', 'L I A', 'M S'),
  spelled('name-10-de', 'de', 'S C H', 'M I D', 'T'),

  ordinary('room', 'en', 'question', 'Hello, do you have a room for tomorrow?'),
  ordinary('price', 'en', 'question', 'What does a double room cost for two nights?'),
  ordinary('breakfast', 'en', 'question', 'Is breakfast included?'),
  ordinary('check-in', 'en', 'question', 'When can we check in?'),
  ordinary('parking', 'en', 'question', 'Do you have a car park?'),
  ordinary('lake', 'en', 'question', 'How far is it to the lake?'),
  ordinary('yes', 'en', 'answer', 'Yes, please.'),
  ordinary('no', 'en', 'answer', 'No, thank you.'),
  ordinary('two-nights', 'en', 'answer', 'Two nights, from Friday to Sunday.'),
  ordinary('williams', 'en', 'answer', 'Williams, Margaret Williams.'),
  ordinary('thanks', 'en', 'answer', 'Thank you, that is all.'),
  ordinary('goodbye', 'en', 'goodbye', 'Goodbye.'),
  ordinary('price-ru', 'ru', 'question', 'Сколько стоит номер на две ночи?'),
  ordinary('breakfast-ru', 'ru', 'question', 'Завтрак включён?'),
  ordinary('yes-ru', 'ru', 'answer', 'Да, пожалуйста.'),
  ordinary('goodbye-ru', 'ru', 'goodbye', 'До свидания.'),
];
