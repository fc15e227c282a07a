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
  readonly repeated: number;
  readonly lost: number;
  readonly isDropped: boolean;
}

const aloneAtMostMs = 500;
const callsAtOnce = 3;
const handedOverWithinMs = 25_000;

/** An instance with some calls is asked to stop: now between two turns, now in the middle of one. */
export async function measureHandovers(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  const redis = await startRedis();
  const bed = await openTakeoverBed({ redisUrl: redis.url, instances: 2, tell: options.tell });
  const all: (readonly HandedOver[])[] = [];
  try {
    for (let at = 0; at * callsAtOnce < options.repetitions; at += 1) {
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
    repeated: tales.reduce((sum, { repeated }) => sum + repeated, 0),
    lost: tales.reduce((sum, { lost }) => sum + lost.length, 0),
    isDropped: !isTold,
  };
}

const shown = ({ aloneMs, repeated, lost, isDropped }: HandedOver): string =>
  `  ${Math.round(aloneMs)} ms with nobody in the room, ${repeated} words again, ${lost} lost${isDropped ? ', dropped' : ''}`;

function figuresOf(all: readonly (readonly HandedOver[])[]): readonly Figure[] {
  const load = loadNow();
  const of = (name: 'aloneMs' | 'repeated' | 'lost') => all.map((found) => found.map((each) => each[name]));
  const dropped = all.map((found) => found.map(({ isDropped }) => (isDropped ? 1 : 0)));
  return [
    figureOf({ name: 'nobody in the room', load }, of('aloneMs'), [{ of: 'max', atMost: aloneAtMostMs }]),
    figureOf({ name: 'words said again, a call', unit: 'words', load }, of('repeated'), [{ of: 'max', atMost: 0 }]),
    figureOf({ name: 'words lost, a call', unit: 'words', load }, of('lost'), [{ of: 'max', atMost: 0 }]),
    figureOf({ name: 'calls dropped, a call', unit: 'calls', load }, dropped, [{ of: 'max', atMost: 0 }]),
  ];
}
