import type { CallerEnd } from '../../../../src/adapters/in-process/room.ts';
import type { Clock, TimerId } from '../../../../src/clock.ts';
import { answeredBy, answerWords, holdOn, questionOf } from './script.ts';
import { readFrame, soundOf } from './sound.ts';

const saidFrames = 30;
/** … before he is asked whether he is still there. */
const pauseMs = 1_500;
/** An answer may have been lost with the process that was to give it. */
const patienceMs = 15_000;
/** Who is told something else than the answer asks again soon: the agent says goodbye to callers who say nothing. */
const askedBackMs = 3_000;
/** So often he asks to be waited for between two questions: nobody is waited for for longer than a minute. */
const holdsBetween = 2;
/** A word of which less was heard was none. */
const wholeShare = 0.6;

/** A caller who asks, listens to the end, asks to be waited for, and asks on after `restMs`. */
export interface BenchCaller {
  /** Is in the room of an agent: speaks into it, and hears it. Returns the end of it. */
  enter(end: CallerEnd, epoch: number): () => void;
  /** Words of answers, each with how often it was heard. */
  readonly heard: ReadonlyMap<string, number>;
  /** Numbers of the questions whose answers were heard to the end, with when. */
  readonly answered: ReadonlyMap<number, number>;
  /** How long two agents were heard at a time, ms. */
  overlapMs(): number;
  /** An answer is being heard. */
  isTold(): boolean;
  /** Asks at once, unless he is being told something. */
  hurry(): void;
  stop(): void;
}

export function createBenchCaller(clock: Clock, restMs: number): BenchCaller {
  const heard = new Map<string, number>();
  const answered = new Map<number, number>();
  const ends = new Set<CallerEnd>();
  let asked = 0;
  let holds = 0;
  let patientMs = patienceMs;
  let soundAt = 0;
  let soundEpoch = 0;
  let overlap = 0;
  let timer: TimerId | undefined;

  const isAnswered = () => answered.has(asked);
  const isTold = () => clock.now() - soundAt < 100;

  function say(text: string): void {
    const pcm = soundOf(text, saidFrames);
    for (const end of ends) end.speak(pcm.slice());
    again();
  }
  function ask(): void {
    asked += 1;
    holds = 0;
    patientMs = patienceMs;
    say(questionOf(asked));
  }
  function goOn(): void {
    if (!isAnswered() || holds === holdsBetween) return ask();
    holds += 1;
    say(holdOn);
  }
  function stop(): void {
    if (timer !== undefined) clock.clearTimeout(timer);
  }
  function again(): void {
    stop();
    const isWaiting = asked === 0 ? soundAt === 0 : !isAnswered();
    timer = clock.setTimeout(goOn, isWaiting ? patientMs : holds > 0 ? restMs : pauseMs);
  }
  function hearWord(word: string): void {
    const n = answeredBy(word);
    patientMs = n === undefined && asked > 0 ? askedBackMs : patienceMs;
    // He is spoken to: whoever runs the call now does not wait for him.
    if (n === undefined) return void (holds = 0);
    heard.set(word, (heard.get(word) ?? 0) + 1);
    if (answered.has(n) || word !== answerWords(n).at(-1)) return;
    answered.set(n, clock.now());
    again();
  }
  function listenTo(epoch: number): (pcm: Int16Array) => void {
    let whole = 0;
    return (pcm) => {
      const spoken = readFrame(pcm);
      if (!spoken) return;
      if (epoch < soundEpoch && clock.now() - soundAt <= 40) overlap += 20;
      if (epoch >= soundEpoch) {
        soundEpoch = epoch;
        soundAt = clock.now();
      }
      whole = spoken.frame === 0 ? 1 : whole + 1;
      if (whole === Math.ceil(spoken.frames * wholeShare)) hearWord(spoken.word);
      if (spoken.frame === 0) again();
    };
  }

  return {
    enter(end, epoch) {
      ends.add(end);
      if (timer === undefined) again();
      const deaf = end.hear(listenTo(epoch));
      return () => {
        deaf();
        ends.delete(end);
      };
    },
    heard,
    answered,
    overlapMs: () => overlap,
    isTold,
    hurry: () => void (isTold() || ask()),
    stop,
  };
}
