import type { Phone } from '../../../emulators/phone/types.ts';
import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { type Figure, figureOf, type Goal } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import type { TakeoverBenchOptions } from '../../takeover.ts';
import type { Owner, TakenCall, TakeoverBed } from './bed.ts';
import { voiceBack } from './heard.ts';
import { hillTale } from './tales.ts';
import { askFor, hearsEnd, hearsWord, toldTale } from './told.ts';

/** One call whose owner was killed in mid-sentence. Times are ms since the kill. */
export interface Killed {
  /** The next owner is restored, is in the room, and has something to say, by its own log. */
  readonly ownedMs: number | undefined;
  readonly joinedMs: number | undefined;
  readonly playedMs: number | undefined;
  /** The next sound at the ear; nothing when none came. */
  readonly backMs: number | undefined;
  readonly silenceMs: number | undefined;
  readonly repeated: number;
  readonly lost: number;
  /** The call ended, or what was being said was never said to its end. */
  readonly isDropped: boolean;
}

export interface KillPlan {
  /** Kills so many in a bed, then opens another one. */
  readonly perBed: number;
  open(bed: number): Promise<{ readonly bed: TakeoverBed; close(): Promise<void> }>;
  kill(bed: TakeoverBed, owner: Owner): Promise<void>;
  /** What else is to be done before the next kill. */
  mend(bed: TakeoverBed): Promise<void>;
}

/** The kill comes at another word each time. */
const firstWord = 2;
const killableWords = 4;
const backWithinMs = 30_000;

/** Kills, one call after the other, and gives what came of them bed by bed. */
export async function killAll(plan: KillPlan, options: TakeoverBenchOptions): Promise<readonly (readonly Killed[])[]> {
  const all: (readonly Killed[])[] = [];
  for (let done = 0; done < options.repetitions; done += plan.perBed) {
    // oxlint-disable no-await-in-loop -- one after the other: they would disturb each other
    const { bed, close } = await plan.open(all.length);
    const kills = Math.min(plan.perBed, options.repetitions - done);
    all.push(await killsIn(bed, plan, kills, options).finally(close));
    // oxlint-enable no-await-in-loop
  }
  return all;
}

/** While one call is told the rest, the next one is dialled. */
async function killsIn(
  bed: TakeoverBed,
  plan: KillPlan,
  kills: number,
  { tell, trouble }: TakeoverBenchOptions,
): Promise<readonly Killed[]> {
  const found: Killed[] = [];
  let next: Promise<TakenCall | undefined> | undefined;
  for (let at = 0; at < kills; at += 1) {
    // oxlint-disable no-await-in-loop -- one after the other
    const call = await (next ?? dialled(bed));
    next = undefined;
    const goOn = () => void (at < kills - 1 && (next ??= dialled(bed)));
    try {
      if (!call) throw new Error('nobody was greeted');
      const one = await killed(bed, call, plan, { at, goOn });
      found.push(one);
      tell(shown(at + 1, one));
    } catch (error) {
      trouble(`a kill was left out: ${String(error).slice(0, 300)}`);
      await call?.phone.hangUp();
    }
    // oxlint-enable no-await-in-loop
  }
  return found;
}

const dialled = (bed: TakeoverBed): Promise<TakenCall | undefined> => bed.dial().catch(() => undefined);

async function killed(
  bed: TakeoverBed,
  call: TakenCall,
  plan: KillPlan,
  { at, goOn }: { readonly at: number; readonly goOn: () => void },
): Promise<Killed> {
  const { phone } = call;
  const askedMs = await askFor(phone, hillTale);
  const owner = await call.owner();
  await hearsWord(phone, hillTale, firstWord + (at % killableWords), askedMs);
  const killedMs = Date.now();
  await plan.kill(bed, owner);
  await isBack(phone, killedMs);
  const mended = plan.mend(bed);
  goOn();
  const isTold = await hearsEnd(phone, hillTale, askedMs).then(
    () => true,
    () => false,
  );
  await mended;
  // Of a call that is lost altogether nobody has a log: that is no reason to leave it out.
  const entries = await call.end().catch(() => []);
  return { ...measured(call, entries, askedMs, killedMs), isDropped: !isTold };
}

/** The next owner is heard, or for too long nobody is. */
async function isBack(phone: Phone, killedMs: number): Promise<void> {
  const isSound = () => voiceBack(phone.events(), killedMs) !== undefined;
  await phone.when('sound.began', isSound, backWithinMs).catch(() => undefined);
}

function measured(call: TakenCall, entries: readonly LogEntry[], askedMs: number, killedMs: number) {
  const back = voiceBack(call.phone.events(), killedMs);
  const { repeated, lost } = toldTale(call, hillTale, askedMs);
  const since = (fits: (entry: LogEntry) => boolean) => {
    const entry = entries.find((each) => each.at >= killedMs && fits(each));
    return entry && entry.at - killedMs;
  };
  const event = (type: string) => since((entry) => entry.kind === 'event' && entry.data.type === type);
  return {
    ownedMs: since((entry) => entry.kind === 'call' && entry.data.what === 'restored'),
    joinedMs: event('line.joined'),
    playedMs: event('playback.started'),
    backMs: back?.backMs,
    silenceMs: back?.silenceMs,
    repeated,
    lost: lost.length,
  };
}

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);

const shown = (number: number, one: Killed): string =>
  `  ${String(number).padStart(3)}  owned ${ms(one.ownedMs)}, joined ${ms(one.joinedMs)}, plays ${ms(one.playedMs)}, at the ear ${ms(one.backMs)}` +
  ` (silent for ${ms(one.silenceMs)})  ${one.repeated} words again, ${one.lost} lost${one.isDropped ? ', dropped' : ''}`;

const asked = (atMost: number | undefined): readonly Goal[] => (atMost === undefined ? [] : [{ of: 'p95', atMost }]);

/** The rows of a kill, with what is asked of the times. */
export function killFigures(
  all: readonly (readonly Killed[])[],
  who: string,
  goals: { readonly ownedMs?: number; readonly backMs: number },
): readonly Figure[] {
  const load = loadNow();
  const of = (name: 'ownedMs' | 'joinedMs' | 'playedMs' | 'backMs' | 'silenceMs' | 'repeated' | 'lost') =>
    all.map((bed) => bed.flatMap((each) => each[name] ?? []));
  const dropped = all.map((bed) => bed.map(({ isDropped }) => (isDropped ? 1 : 0)));
  return [
    figureOf({ name: `${who} killed → call owned`, load }, of('ownedMs'), asked(goals.ownedMs)),
    figureOf({ name: '… → in the room again', load }, of('joinedMs')),
    figureOf({ name: '… → first sound handed to the room', load }, of('playedMs')),
    figureOf({ name: `${who} killed → voice at the ear`, load }, of('backMs'), asked(goals.backMs)),
    figureOf({ name: 'silence at the ear', load }, of('silenceMs')),
    figureOf({ name: 'words said again, a kill', unit: 'words', load }, of('repeated'), [{ of: 'max', atMost: 2 }]),
    figureOf({ name: 'words lost, a kill', unit: 'words', load }, of('lost'), [{ of: 'max', atMost: 0 }]),
    figureOf({ name: 'calls dropped, a kill', unit: 'calls', load }, dropped, [{ of: 'max', atMost: 0 }]),
  ];
}
