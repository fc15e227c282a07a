import { english, russian, type Manner } from './manners.ts';
import { toolOf, type Answer, type Ask, type WireMessage, type WireTool } from './script.ts';

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
  const keys = /^\[keys: (.*)\]$/.exec(text)?.[1];
  if (keys) return { text: manner.typed([...keys].join(' ')) };
  if (manner.bye.test(text)) return { text: manner.farewell, ...calling(offered(ask, 'end_call'), text) };
  const fact = manner.facts.find(([pattern]) => pattern.test(text));
  const tool = manner.price.test(text) ? offered(ask, 'price') : fact ? undefined : hoursOrDay(text, ask, manner);
  if (tool) return calling(tool, text);
  return { text: fact?.[1] ?? manner.understood(/[.!?…]$/.test(text) ? text : `${text}.`) };
}

/** Opening hours of a place that the tool knows, or the date. */
function hoursOrDay(text: string, ask: Ask, manner: Manner): WireTool | undefined {
  const hours = offered(ask, 'hours');
  const places = Object.values(propertiesOf(hours?.function.parameters)).flatMap((property) => property.enum ?? []);
  if (places.some((place) => mentions(text, place))) return hours;
  return manner.today.test(text) ? offered(ask, 'today') : undefined;
}

function afterTool(ask: Ask, result: WireMessage, manner: Manner): Answer {
  const call = toolOf(ask, result);
  // What is said after hanging up is heard by nobody, and an empty answer is none.
  if (call?.function.name === 'end_call') return { text: manner.farewell };
  const values = objectOf(result.content ?? '');
  if (values && 'error' in values) return { text: manner.failed };
  const amount = values && Object.entries(values).find(([key]) => /total|price|amount|euro|всего|цена/i.test(key))?.[1];
  if (typeof amount !== 'number') return { text: manner.found(values ? plain(values) : (result.content ?? '').trim()) };
  const nights = objectOf(call?.function.arguments ?? '')?.nights;
  const money = manner === russian ? `${amount} ${values?.валюта === 'рубли' ? 'рублей' : 'евро'}` : String(amount);
  return { text: manner.total(nightsText(nights, manner), money) };
}

const offered = (ask: Ask, name: string): WireTool | undefined =>
  ask.tools.find((tool) => tool.function.name.includes(name));

const calling = (tool: WireTool | undefined, text: string): Answer =>
  tool ? { tools: [{ name: tool.function.name, input: inputFor(tool.function.parameters, text) }] } : {};

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
}

const propertiesOf = (schema: Record<string, unknown> | undefined): Record<string, Property> =>
  (schema?.properties ?? {}) as Record<string, Property>;

/** Fills what a tool requires from what the caller said: a choice that was named, the number in it, or the text itself. */
function inputFor(schema: Record<string, unknown> | undefined, text: string): Record<string, unknown> {
  const required = (schema?.required ?? []) as readonly string[];
  const entries = Object.entries(propertiesOf(schema)).flatMap(([name, property]) => {
    const named = property.enum?.find((choice) => mentions(text, choice));
    if (named) return [[name, named]];
    if (!required.includes(name)) return [];
    if (property.enum) return [[name, property.default ?? property.enum[0]]];
    return [[name, /number|integer/.test(property.type ?? '') ? numberIn(text) : text]];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Whether a word is spoken of, in whatever case of grammar. */
const mentions = (text: string, word: string): boolean =>
  text.toLowerCase().includes(word.toLowerCase().slice(0, Math.max(3, word.length - 3)));

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

/** An object as somebody would read it out. */
const plain = (values: Record<string, unknown>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ')
    .slice(0, 200);
