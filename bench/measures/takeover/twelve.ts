import type { Phone } from '../../../emulators/phone/types.ts';
import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { type Figure, figureOf } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import type { TakeoverBenchOptions } from '../../takeover.ts';
import { openTakeoverBed, type Owner, type TakenCall, type TakeoverBed } from './bed.ts';
import { voiceBack } from './heard.ts';
import { breadTale, houseTale } from './tales.ts';
import { askFor, hearsEnd, hearsWord, toldTale } from './told.ts';

/** One of the calls that talked when an instance died. */
interface Survivor {
  /** Its owner was killed. */
  readonly wasTaken: boolean;
  /** How it was, where the tale was not heard to its end. */
  readonly dropped: string | undefined;
  readonly silenceMs: number | undefined;
  readonly repeated: number;
  readonly lost: number;
  /** Turns that were over before the kill and that its log does not hold in the end. */
  readonly turnsLost: number;
  readonly texts: readonly string[];
}

const callCount = 12;
const killsPerRound = 15;

/** Of two instances with twelve calls that talk, one is killed. */
export async function measureTwelve(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  const redis = await startRedis();
  const { tell } = options;
  const bed = await openTakeoverBed({ redisUrl: redis.url, instances: 2, phoneProcesses: 2, tell });
  const rounds: (readonly Survivor[])[] = [];
  try {
    for (let done = 0; done < options.repetitions; done += killsPerRound) {
      // oxlint-disable no-await-in-loop -- one after the other
      const survivors = await round(bed).catch((error: unknown) => {
        options.trouble(`a kill was left out: ${String(error).slice(0, 300)}`);
      });
      if (done + killsPerRound < options.repetitions) await bed.fleet.start();
      // oxlint-enable no-await-in-loop
      if (!survivors) continue;
      rounds.push(survivors);
      survivors.flatMap(troubleOf).forEach(options.trouble);
      tell(survivors.map(shown).join('\n'));
    }
  } finally {
    await bed.close();
    await redis.stop();
  }
  return figuresOf(rounds);
}

async function round(bed: TakeoverBed): Promise<readonly Survivor[]> {
  const calls: TakenCall[] = [];
  const chats: Promise<number>[] = [];
  // Who says nothing for long is asked whether he is there.
  const areAllThere = () => calls.length === callCount;
  while (!areAllThere()) {
    // oxlint-disable-next-line no-await-in-loop -- joining is the dear part
    const call = await bed.dial();
    calls.push(call);
    chats.push(chat(call.phone, areAllThere));
    void chats.at(-1)!.catch(() => undefined);
  }
  const turns = await Promise.all(chats);
  const owners = await Promise.all(calls.map((call) => call.owner()));
  const asked = await Promise.all(calls.map(({ phone }) => askFor(phone, houseTale)));
  await Promise.all(calls.map(({ phone }, at) => hearsWord(phone, houseTale, 1, asked[at]!)));
  const victim = busiest(owners);
  const killedMs = Date.now();
  await bed.fleet.kill(victim);
  return Promise.all(
    calls.map((call, at) => {
      const wasTaken = owners[at]!.member === victim;
      return survivor(call, { wasTaken, askedMs: asked[at]!, killedMs, turns: turns[at]! });
    }),
  );
}

/** Turns that the caller heard out. */
async function chat(phone: Phone, isOver: () => boolean): Promise<number> {
  for (let turns = 1; ; turns += 1) {
    // oxlint-disable-next-line no-await-in-loop -- a conversation
    await hearsEnd(phone, breadTale, await askFor(phone, breadTale));
    if (isOver()) return turns;
  }
}

function busiest(owners: readonly Owner[]): Owner['member'] {
  const [most] = [...Map.groupBy(owners, ({ member }) => member)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  return most![0];
}

async function survivor(
  call: TakenCall,
  { wasTaken, askedMs, killedMs, turns }: { wasTaken: boolean; askedMs: number; killedMs: number; turns: number },
): Promise<Survivor> {
  const dropped = await hearsEnd(call.phone, houseTale, askedMs).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const { repeated, lost } = toldTale(call, houseTale, askedMs);
  const texts = textsIn(await call.end().catch(() => []));
  return {
    wasTaken,
    dropped,
    silenceMs: wasTaken ? voiceBack(call.phone.events(), killedMs)?.silenceMs : undefined,
    repeated,
    lost: lost.length,
    turnsLost: Math.max(0, turns - turnsIn(texts)),
    texts,
  };
}

/** The transcript, as the log has it in the end. */
function textsIn(entries: readonly LogEntry[]): readonly string[] {
  const lines = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind !== 'line') continue;
    const id = String(entry.data['id']);
    if (entry.data['removed'] === true) lines.delete(id);
    else lines.set(id, entry.pii.text);
  }
  return [...lines.values()];
}

/** What the caller asked and heard out before the kill: the fewer of questions and answers. Who asks on at once may cut the last word. */
function turnsIn(texts: readonly string[]): number {
  const asked = texts.filter((each) => each.endsWith(breadTale.about)).length;
  const answered = texts.filter((each) => each.includes(breadTale.words.slice(0, -1).join(' '))).length;
  return Math.min(asked, answered);
}

function troubleOf({ turnsLost, dropped, texts }: Survivor): readonly string[] {
  const log = texts.join(' · ');
  return [
    ...(turnsLost > 0 ? [`its log lacks ${turnsLost} turn(s): ${log}`] : []),
    ...(dropped === undefined ? [] : [`it was dropped: ${dropped}; ${log}`]),
  ];
}

const shown = ({ wasTaken, silenceMs, repeated, lost, turnsLost, dropped }: Survivor): string => {
  const silent = silenceMs === undefined ? '' : `, silent for ${Math.round(silenceMs)} ms`;
  return `  ${wasTaken ? 'taken over' : 'beside it '}${silent}, ${repeated} words again, ${lost} lost, ${turnsLost} turns lost${dropped === undefined ? '' : ', dropped'}`;
};

function figuresOf(rounds: readonly (readonly Survivor[])[]): readonly Figure[] {
  const load = loadNow();
  const none = [{ of: 'max', atMost: 0 }] as const;
  const of = (value: (each: Survivor) => number | undefined) =>
    rounds.map((survivors) => survivors.flatMap((each) => value(each) ?? []));
  const taken = (value: (each: Survivor) => number | undefined) =>
    of((each) => (each.wasTaken ? value(each) : undefined));
  return [
    figureOf(
      { name: 'silence at the ear, calls taken over', load },
      taken(({ silenceMs }) => silenceMs),
    ),
    figureOf(
      { name: 'words said again, calls taken over', unit: 'words', load },
      taken(({ repeated }) => repeated),
      [{ of: 'max', atMost: 2 }],
    ),
    figureOf(
      { name: 'words lost, all calls', unit: 'words', load },
      of(({ lost }) => lost),
      none,
    ),
    figureOf(
      { name: 'turns lost, all calls', unit: 'turns', load },
      of(({ turnsLost }) => turnsLost),
      none,
    ),
    figureOf(
      { name: 'calls dropped, all calls', unit: 'calls', load },
      of(({ dropped }) => (dropped === undefined ? 0 : 1)),
      none,
    ),
  ];
}
