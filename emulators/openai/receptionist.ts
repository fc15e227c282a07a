import { toolOf, type Answer, type Ask, type WireMessage, type WireTool } from './script.ts';

/** How a hotel's receptionist would answer, in one language. */
interface Manner {
  readonly hello: string;
  readonly bye: RegExp;
  readonly farewell: string;
  readonly price: RegExp;
  readonly facts: readonly (readonly [RegExp, string])[];
  readonly understood: (text: string) => string;
  readonly found: (what: string) => string;
  readonly total: (nights: string, amount: string) => string;
  readonly failed: string;
}

const english: Manner = {
  hello: 'Hello, this is the front desk. How can I help you?',
  bye: /\b(good ?bye|bye|that(?:'s| is) all|that would be all|nothing else)\b/i,
  farewell: 'Thank you for calling. Goodbye!',
  price: /\b(price|cost|costs|rate|how much|nights?)\b/i,
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
  failed: 'I am sorry, I could not look that up just now.',
};

const russian: Manner = {
  hello: 'Здравствуйте, это стойка регистрации. Чем могу помочь?',
  bye: /(до свидания|пока(?!\p{L})|всего доброго|это вс[её])/iu,
  farewell: 'Спасибо за звонок. До свидания!',
  price: /(цен[аыу]|сколько стоит|стоимость|ноч(?:ь|и|ей))/iu,
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
  total: (nights, amount) => `За ${nights} это ${amount} евро, завтрак включён.`,
  failed: 'Извините, сейчас не получается это узнать.',
};

const numberWords = 'one two three four five six seven eight nine ten'.split(' ');
const russianNumbers = ['один|одну', 'два|две', 'три', 'четыре', 'пять', 'шесть', 'семь', 'восемь', 'девять', 'десять'];

/**
 * The answer of last resort: a hotel's receptionist in English or Russian, who uses a tool for prices and one that ends
 * the call where they are offered, and who repeats what was understood when nothing else fits.
 */
export function receptionist(ask: Ask): Answer {
  const last = ask.messages.at(-1);
  const lastUser = ask.messages.findLast((message) => message.role === 'user');
  const manner = /\p{Script=Cyrillic}/u.test(lastUser?.content ?? '') ? russian : english;
  if (last?.role === 'tool') return afterTool(ask, last, manner);
  if (last?.role !== 'user') return { text: manner.hello };
  return answerTo((last.content ?? '').trim(), ask, manner);
}

function answerTo(text: string, ask: Ask, manner: Manner): Answer {
  if (manner.bye.test(text)) return { text: manner.farewell, ...calling(offered(ask, 'end_call'), text) };
  const priceTool = offered(ask, 'price');
  if (priceTool && manner.price.test(text)) return calling(priceTool, text);
  const fact = manner.facts.find(([pattern]) => pattern.test(text));
  return { text: fact?.[1] ?? manner.understood(/[.!?…]$/.test(text) ? text : `${text}.`) };
}

function afterTool(ask: Ask, result: WireMessage, manner: Manner): Answer {
  const call = toolOf(ask, result);
  // What is said after hanging up is heard by nobody, and an empty answer is none.
  if (call?.function.name === 'end_call') return { text: manner.farewell };
  const values = objectOf(result.content ?? '');
  if (values && 'error' in values) return { text: manner.failed };
  const amount = values && Object.entries(values).find(([key]) => /total|price|amount|euro/i.test(key))?.[1];
  if (typeof amount !== 'number') return { text: manner.found(plain(result.content ?? '')) };
  const nights = objectOf(call?.function.arguments ?? '')?.nights;
  return { text: manner.total(nightsText(nights, manner), String(amount)) };
}

const offered = (ask: Ask, name: string): WireTool | undefined =>
  ask.tools.find((tool) => tool.function.name.includes(name));

const calling = (tool: WireTool | undefined, text: string): Answer =>
  tool ? { tools: [{ name: tool.function.name, input: inputFor(tool.function.parameters, text) }] } : {};

/** Fills what a tool requires from what the caller said: the number in it, or the text itself. */
function inputFor(schema: Record<string, unknown> | undefined, text: string): Record<string, unknown> {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, { type?: string }>;
    required?: string[];
  };
  const value = (name: string) => (/number|integer/.test(properties[name]?.type ?? '') ? numberIn(text) : text);
  return Object.fromEntries(required.map((name) => [name, value(name)]));
}

function numberIn(text: string): number {
  const digits = /\d+/.exec(text)?.[0];
  if (digits) return Number(digits);
  const words = text.toLowerCase();
  const at = numberWords.findIndex((word, i) =>
    new RegExp(`(?<!\\p{L})(?:${word}|${russianNumbers[i]})(?!\\p{L})`, 'u').test(words),
  );
  return at < 0 ? 1 : at + 1;
}

function nightsText(nights: unknown, manner: Manner): string {
  const count = typeof nights === 'number' ? nights : 1;
  if (manner === russian) return `${count} ${count === 1 ? 'ночь' : count < 5 ? 'ночи' : 'ночей'}`;
  return `${numberWords[count - 1] ?? count} ${count === 1 ? 'night' : 'nights'}`;
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON as somebody would read it out. */
const plain = (text: string): string =>
  text
    .replaceAll(/["{}[\]]/g, '')
    .replaceAll(/[:,\s]+/g, ' ')
    .trim()
    .slice(0, 200);
