import { randomBytes } from 'node:crypto';
import type { PhoneProcess } from '../../emulators/phone/process.ts';
import type { HeardWord, Phone, PhoneEvent } from '../../emulators/phone/types.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import { booking, type Question, questions } from './questions.ts';
import { type Told, toldOf } from '../lib/told.ts';

/** One question of a caller and how it was answered. */
export interface Asked {
  readonly question: Question;
  /** Epoch ms of each time the caller said it. */
  readonly saidAt: readonly number[];
  readonly told: Told;
  /** Longest silence between two words of the answer to one time of asking, ms. */
  readonly longestGapMs: number;
}

/** One call as its caller lived through it. */
export interface Lived {
  readonly callKey: string;
  readonly room: string;
  readonly joinedAt: number;
  /** Never: the phone rang in vain, or was told that we are busy. */
  readonly greetedAt?: number;
  readonly asked: readonly Asked[];
  /** He hung up on a whim: what he asked last may have no answer. */
  readonly isCutShort: boolean;
  /** How often his line failed and came back, on a whim or with LiveKit. */
  readonly reconnects: number;
  /** All words that he heard. */
  readonly heard: string;
  /** The longest time that two agents had a voice in his room, ms. */
  readonly twoVoicesMs: number;
  /** Of the phone: `hung_up` is the caller's own. */
  readonly ended: string;
  readonly endedAt: number;
}

/** A caller who may do something else than what he meant to. */
export interface OnTheLine {
  readonly from: string;
  reconnect(): Promise<void>;
  hangUp(): Promise<void>;
}

export interface CallerWorld {
  readonly phones: PhoneProcess;
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly onTheLine: Set<OnTheLine>;
}

const greetedWithinMs = 60_000;
/** A caller who is not answered asks again, as people do; in the middle of an answer he waits for longer. */
const beginsWithinMs = 9_000;
const goesOnWithinMs = 12_000;
const mostTries = 8;

/** Calls, asks some questions, and hangs up when they are answered. Rejects when he cannot get through to LiveKit. */
export async function liveThrough(world: CallerWorld, random: () => number): Promise<Lived> {
  const room = `voice-ai-call-chaos-${randomBytes(5).toString('hex')}`;
  const from = `+1555${1_000_000 + Math.floor(random() * 8_999_999)}`;
  const questionsOfHis = chosen(random);
  const { url: livekitUrl, apiKey, apiSecret } = world.livekit;
  const joinedAt = Date.now();
  const phone = await world.phones.createPhone({ livekitUrl, apiKey, apiSecret, room, from, to: '+15550100' });
  const ended = phone.when('ended', () => true, 24 * 60 * 60_000);
  const greeted = await Promise.race([
    phone.when('heard.word', () => true, greetedWithinMs).catch(() => undefined),
    ended.then(() => undefined),
  ]);
  const asked: Asked[] = [];
  const whims = { isCutShort: false };
  const onTheLine: OnTheLine = {
    from,
    reconnect: () => phone.dropLine('full'),
    hangUp() {
      whims.isCutShort = true;
      return phone.hangUp();
    },
  };
  if (greeted) {
    world.onTheLine.add(onTheLine);
    for (const question of questionsOfHis) {
      if (whims.isCutShort) break;
      asked.push(await ask(phone, question));
    }
    world.onTheLine.delete(onTheLine);
  }
  await phone.hangUp();
  const { reason, atMs } = await ended;
  return {
    callKey: callKeyOf(room, phone.callId),
    room,
    joinedAt,
    ...(greeted && { greetedAt: greeted.atMs }),
    asked,
    ...whims,
    reconnects: phone.events().filter(({ type }) => type === 'line.reconnected').length,
    heard: phone
      .heard()
      .map(({ text }) => text)
      .join(' '),
    twoVoicesMs: twoVoicesMs(phone.events(), atMs),
    ended: reason,
    endedAt: atMs,
  };
}

/** How long, at most, one agent was still heard beside the next. */
function twoVoicesMs(events: readonly PhoneEvent[], endedAt: number): number {
  const joined = events.filter((event) => event.type === 'voice.joined');
  const leftAt = ({ trackSid }: { trackSid: string }) =>
    events.find((event) => event.type === 'voice.left' && event.trackSid === trackSid)?.atMs ?? endedAt;
  const overlaps = joined.flatMap((voice, index) =>
    joined
      .slice(index + 1)
      .filter(({ identity }) => identity !== voice.identity)
      .map((later) => leftAt(voice) - later.atMs),
  );
  return Math.max(0, ...overlaps);
}

/** One or two that are told, and now and then one that has something done. */
function chosen(random: () => number): readonly Question[] {
  const count = 1 + Math.floor(random() * 2);
  const told = Array.from({ length: count }, () => questions[Math.floor(random() * questions.length)]!);
  return random() < 0.5 ? [...told, booking] : told;
}

async function ask(phone: Phone, question: Question): Promise<Asked> {
  const answer = question.answer.split(' ');
  const from = phone.heard().length;
  const heardSince = (): readonly HeardWord[] => phone.heard().slice(from);
  const isOver = () => phone.events().at(-1)?.type === 'ended';
  const saidAt: number[] = [];
  for (let tries = 0; tries < mostTries && !isOver(); tries += 1) {
    saidAt.push((await phone.sayWords(question.asks)).endMs);
    if (await answered(phone, answer, from)) break;
  }
  const own = heardSince().filter(({ text }) => answer.includes(text));
  const texts = own.map(({ text }) => text);
  // What is said to a question that was heard wrong may have words of the answer.
  const tries = saidAt.map((at, n) =>
    own.filter(({ startMs }) => startMs >= at && startMs < (saidAt[n + 1] ?? Infinity)),
  );
  return { question, saidAt, told: toldOf(answer, texts), longestGapMs: Math.max(0, ...tries.map(longestGap)) };
}

/** The last word of the answer came; false when it does not begin, or not go on, for so long that one asks again. */
async function answered(phone: Phone, answer: readonly string[], from: number): Promise<boolean> {
  const own = () =>
    phone
      .heard()
      .slice(from)
      .filter(({ text }) => answer.includes(text));
  for (let before = own().length; ; before = own().length) {
    if (own().some(({ text }) => text === answer.at(-1))) return true;
    const withinMs = before > 0 ? goesOnWithinMs : beginsWithinMs;
    const more = await phone.when('heard.word', () => own().length > before, withinMs).catch(() => undefined);
    if (!more) return false;
  }
}

function longestGap(words: readonly HeardWord[]): number {
  const gaps = words.slice(1).map((word, index) => word.startMs - words[index]!.endMs);
  return Math.max(0, ...gaps);
}
