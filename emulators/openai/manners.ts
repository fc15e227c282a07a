/** How a hotel's receptionist would answer, in one language. */
export interface Manner {
  readonly hello: string;
  readonly bye: RegExp;
  readonly farewell: string;
  readonly price: RegExp;
  /** Asked what day it is. */
  readonly today: RegExp;
  readonly facts: readonly (readonly [RegExp, string])[];
  readonly understood: (text: string) => string;
  readonly found: (what: string) => string;
  readonly total: (nights: string, amount: string) => string;
  readonly typed: (digits: string) => string;
  readonly failed: string;
}

export const english: Manner = {
  hello: 'Hello, this is the front desk. How can I help you?',
  bye: /\b(good ?bye|bye|that(?:'s| is) all|that would be all|nothing else)\b/i,
  farewell: 'Thank you for calling. Goodbye!',
  price: /\b(price|cost|costs|rate|how much|nights?)\b/i,
  today: /\b(what day|which day|what date|today)\b/i,
  facts: [
    [/\bbreakfast\b/i, 'Breakfast is served from seven to half past ten. It is included in every room.'],
    [/\b(check.?in|arrive|arrival)\b/i, 'You can check in from three in the afternoon.'],
    [/\b(check.?out|leave by|departure)\b/i, 'Check-out is at eleven in the morning.'],
    [/\b(park|parking|car|garage)\b/i, 'Parking is free, right behind the house.'],
    [/\b(wi-?fi|internet)\b/i, 'The wireless network is free everywhere in the house.'],
    [/\b(dog|dogs|pet|pets|cat)\b/i, 'Pets are welcome, for ten euros a night.'],
    [/\b(where|address|station|how do i get)\b/i, 'We are five minutes on foot from the station, at the harbour.'],
    [
      /\b(tell me (?:more )?about|describe|what do you have|facilities|the hotel)\b/i,
      'The house stands at the harbour, with a view over the lake to the mountains. We have forty rooms, all of them quiet, ' +
        'a garden with old trees, a small sauna, and a restaurant that cooks with what the farms around here bring in the morning. ' +
        'In summer you can take a boat from our own landing stage. In winter the fire in the hall is lit from four.',
    ],
    [
      /\b(human|person|someone|manager|front desk|speak to)\b/i,
      'I will let the front desk know, and they will call you back.',
    ],
    [/\b(thank you|thanks)\b/i, 'You are welcome. Is there anything else?'],
    [/^\W*(hi|hello|good (?:morning|afternoon|evening)|hey)\b\W*$/i, 'Hello! How can I help you?'],
  ],
  understood: (text) => `I understood: ${text} What else can I do for you?`,
  found: (what) => `Here is what I found: ${what}.`,
  total: (nights, amount) => `For ${nights} that is ${amount} euros, breakfast included.`,
  typed: (digits) => `Thank you, I have noted ${digits}. What else can I do for you?`,
  failed: 'I am sorry, I could not look that up just now.',
};

export const russian: Manner = {
  hello: 'Здравствуйте, это стойка регистрации. Чем могу помочь?',
  bye: /(до свидания|пока(?!\p{L})|всего доброго|это вс[её])/iu,
  farewell: 'Спасибо за звонок. До свидания!',
  price: /(цен[аыу]|сколько стоит|стоимость|ноч(?:ь|и|ей))/iu,
  today: /(какое сегодня|какой сегодня|сегодняшн)/iu,
  facts: [
    [/завтрак/iu, 'Завтрак с семи до половины одиннадцатого, он входит в стоимость.'],
    [/(заезд|заселен|приех)/iu, 'Заезд с трёх часов дня.'],
    [/(выезд|выселен|уех)/iu, 'Выезд до одиннадцати утра.'],
    [/(парков|машин)/iu, 'Парковка бесплатная, прямо за домом.'],
    [/(вай-?фай|интернет|wi-?fi)/iu, 'Интернет бесплатный во всём доме.'],
    [/(собак|кошк|животн)/iu, 'С животными можно, десять евро за ночь.'],
    [/(где вы|адрес|вокзал|как добраться)/iu, 'Мы в пяти минутах пешком от вокзала, у гавани.'],
    [
      /(расскажите|опишите|что у вас есть)/iu,
      'Дом стоит у гавани, с видом на озеро и горы. У нас сорок тихих номеров, сад со старыми деревьями, ' +
        'небольшая сауна и ресторан, который готовит из того, что утром привозят фермеры. Летом от нашего причала ходит лодка.',
    ],
    [/(человек|оператор|администратор|менеджер)/iu, 'Я передам на стойку, и вам перезвонят.'],
    [/спасибо/iu, 'Пожалуйста. Что-нибудь ещё?'],
    [
      /^\P{L}*(здравствуйте|привет|добрый день|доброе утро|добрый вечер|алло)\P{L}*$/iu,
      'Здравствуйте! Чем могу помочь?',
    ],
  ],
  understood: (text) => `Я понял: ${text} Чем ещё могу помочь?`,
  found: (what) => `Вот что я нашёл: ${what}.`,
  total: (nights, amount) => `За ${nights} это ${amount}, завтрак включён.`,
  typed: (digits) => `Спасибо, я записал ${digits}. Чем ещё могу помочь?`,
  failed: 'Извините, сейчас не получается это узнать.',
};
