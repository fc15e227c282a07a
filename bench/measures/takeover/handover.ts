import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { type Figure, figureOf } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import type { TakeoverBenchOptions } from '../../takeover.ts';
import { openTakeoverBed, type TakenCall, type TakeoverBed } from './bed.ts';
import { breadTale, houseTale } from './tales.ts';
import { askFor, hearsEnd, hearsWord, toldTale } from './told.ts';

/** One call that was handed over. */
interface HandedOver {
  /** From the voice of the old owner leaving the room until the new one's is in it. */
  readonly aloneMs: number;
  /** From the old owner having no turn any more until the new one hears the caller. */
  readonly deafMs: number;
  readonly repeated: number;
  readonly lost: number;
  readonly isDropped: boolean;
}

const silentAtMostMs = 500;
const callsAtOnce = 3;
const handedOverWithinMs = 25_000;

/** An instance with some calls is asked to stop: now between two turns, now in the middle of one. */
export async function measureHandovers(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  const redis = await startRedis();
  const bed = await openTakeoverBed({ redisUrl: redis.url, instances: 2, tell: options.tell });
  const all: (readonly HandedOver[])[] = [];
  try {
    // How many of the calls are at the instance that stops is chance; one at least is.
    for (let at = 0; all.flat().length < options.repetitions && at < options.repetitions; at += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const found = await stopped(bed, at % 2 === 1).catch((error: unknown) => {
        options.trouble(`a handover was left out: ${String(error).slice(0, 300)}`);
      });
      if (!found) continue;
      all.push(found);
      options.tell(found.map(shown).join('\n'));
    }
  } finally {
    await bed.close();
    await redis.stop();
  }
  return figuresOf(all);
}

async function stopped(bed: TakeoverBed, inMidSentence: boolean): Promise<readonly HandedOver[]> {
  const calls = await Promise.all(Array.from({ length: callsAtOnce }, bed.dial));
  const owners = await Promise.all(calls.map((call) => call.owner()));
  const { member } = owners[0]!;
  const handed = calls.filter((_, index) => owners[index]!.member === member);
  const tale = inMidSentence ? houseTale : breadTale;
  const asked = await Promise.all(handed.map(({ phone }) => askFor(phone, tale)));
  await Promise.all(
    handed.map(({ phone }, at) =>
      inMidSentence ? hearsWord(phone, tale, 1, asked[at]!) : hearsEnd(phone, tale, asked[at]!),
    ),
  );
  const stopping = bed.fleet.terminate(member);
  const found = await Promise.all(handed.map((call, at) => followed(call, inMidSentence ? asked[at] : undefined)));
  await Promise.all(calls.map(({ phone }) => phone.hangUp()));
  await stopping;
  await bed.fleet.start();
  return found;
}

/** The next owner is there, and answers. */
async function followed(call: TakenCall, cutAskedMs: number | undefined): Promise<HandedOver> {
  const { phone } = call;
  const next = await phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'), handedOverWithinMs);
  const left = phone.events().find(({ type }) => type === 'voice.left');
  const askedMs = await askFor(phone, breadTale);
  const isTold = await hearsEnd(phone, breadTale, askedMs).then(
    () => true,
    () => false,
  );
  const tales = [
    toldTale(call, breadTale, askedMs),
    ...(cutAskedMs === undefined ? [] : [toldTale(call, houseTale, cutAskedMs)]),
  ];
  return {
    aloneMs: Math.max(0, next.atMs - (left?.atMs ?? next.atMs)),
    deafMs: deafMs(await call.end().catch(() => [])),
    repeated: tales.reduce((sum, { repeated }) => sum + repeated, 0),
    lost: tales.reduce((sum, { lost }) => sum + lost.length, 0),
    isDropped: !isTold,
  };
}

const stands = ({ kind, data }: LogEntry, ...states: readonly RegExp[]): boolean =>
  kind === 'state' && states.every((state) => state.test(JSON.stringify(data['value'])));

/** By its log: the clock of this machine is that of both. NaN when it does not tell, as that of a call that was dropped. */
function deafMs(log: readonly LogEntry[]): number {
  const gone = log.findIndex((entry) => stands(entry, /handedOver/));
  // What was saved says that all is well until the next owner begins to join.
  const joining = log.findIndex((entry, at) => at > gone && stands(entry, /"attached":"joining"/));
  const heard = log.findIndex(
    (entry, at) => at > joining && stands(entry, /"joined":"present"/, /"transcribing":\{"open"/),
  );
  return Math.min(gone, joining, heard) < 0 ? Number.NaN : log[heard]!.at - log[gone]!.at;
}

const shown = ({ aloneMs, deafMs: deaf, repeated, lost, isDropped }: HandedOver): string =>
  `  ${Math.round(aloneMs)} ms with nobody in the room, ${deaf} ms with nobody who hears, ${repeated} words again, ${lost} lost${isDropped ? ', dropped' : ''}`;

function figuresOf(all: readonly (readonly HandedOver[])[]): readonly Figure[] {
  const load = loadNow();
  const of = (name: 'aloneMs' | 'deafMs' | 'repeated' | 'lost') => all.map((found) => found.map((each) => each[name]));
  const dropped = all.map((found) => found.map(({ isDropped }) => (isDropped ? 1 : 0)));
  return [
    figureOf({ name: 'nobody in the room', load }, of('aloneMs'), [{ of: 'max', atMost: silentAtMostMs }]),
    figureOf({ name: 'nobody hears', load }, of('deafMs')),
    figureOf({ name: 'words said again, a call', unit: 'words', load }, of('repeated'), [{ of: 'max', atMost: 0 }]),
    figureOf({ name: 'words lost, a call', unit: 'words', load }, of('lost'), [{ of: 'max', atMost: 0 }]),
    figureOf({ name: 'calls dropped, a call', unit: 'calls', load }, dropped, [{ of: 'max', atMost: 0 }]),
  ];
}
