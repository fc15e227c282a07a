import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Phone } from '../../emulators/phone/types.ts';
import { questions } from '../agent-base.ts';
import type { Bed } from '../bed.ts';
import { dial, dialRoom } from '../call.ts';
import { startEchoProcess } from '../echo/process.ts';
import { type Figure, figureOf } from '../figure.ts';
import { loadNow } from '../machine.ts';
import { cpuPercent, usageOf } from '../process-usage.ts';
import type { TurnBenchOptions } from '../turn.ts';

/** What one call cost a process, on average over all it had. */
interface Cost {
  readonly cpuPercent: number;
  readonly rssMb: number;
}

const repetitions = 3;
const settleMs = 8000;
const windowMs = 30_000;
/** Each caller speaks about a quarter of the time, and an agent somewhat more. */
const askEveryMs = 6000;

/** Fresh processes each time: what they grow by must not count twice. */
export async function measureCost(bed: Bed, { calls, tell, trouble }: TurnBenchOptions): Promise<readonly Figure[]> {
  const echo: Cost[] = [];
  const ours: Cost[] = [];
  for (let at = 0; at < repetitions; at += 1) {
    // oxlint-disable no-await-in-loop -- in turns: they would disturb each other
    try {
      const [bare, full] = [await costOfEcho(bed, calls), await costOfInstance(bed, calls)];
      echo.push(bare);
      ours.push(full);
      tell(`  echo bot ${shown(bare)}   voicechart ${shown(full)}   load ${loadNow()}`);
    } catch (error) {
      trouble(`a repetition of the cost was left out: ${String(error).slice(0, 300)}`);
    }
    // oxlint-enable no-await-in-loop
  }
  return figuresOf(echo, ours, calls);
}

const shown = ({ cpuPercent, rssMb }: Cost): string => `${cpuPercent.toFixed(2)} % of a core, ${rssMb.toFixed(1)} MB`;

async function costOfEcho(bed: Bed, calls: number): Promise<Cost> {
  const bots = await startEchoProcess(bed.server);
  try {
    return await costWhile(bots.pid, calls, async () => {
      const room = `echo-${randomBytes(6).toString('hex')}`;
      const phone = await dialRoom(bed, room);
      await bots.join(room);
      await phone.when('active', undefined, 20_000);
      return phone;
    });
  } finally {
    await bots.stop();
  }
}

async function costOfInstance(bed: Bed, calls: number): Promise<Cost> {
  const instance = await bed.startInstance();
  try {
    return await costWhile(instance.pid, calls, async () => (await dial(bed, instance, 'flux')).phone);
  } finally {
    await instance.stop();
  }
}

/** Starts the calls one after the other, lets them talk, and looks at the process over a window of the same length. */
async function costWhile(pid: number, calls: number, start: () => Promise<Phone>): Promise<Cost> {
  await delay(1000);
  const idle = usageOf(pid);
  const phones: Phone[] = [];
  const talking = new AbortController();
  try {
    for (let at = 0; at < calls; at += 1) {
      // oxlint-disable-next-line no-await-in-loop -- joins are dear: one at a time
      const phone = await start();
      phones.push(phone);
      void talk(phone, talking.signal).catch(() => undefined);
    }
    await delay(settleMs);
    const before = usageOf(pid);
    await delay(windowMs);
    const after = usageOf(pid);
    return { cpuPercent: cpuPercent(before, after) / calls, rssMb: (after.rssMb - idle.rssMb) / calls };
  } finally {
    talking.abort();
    await Promise.all(phones.map((phone) => phone.hangUp()));
  }
}

async function talk(phone: Phone, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    // oxlint-disable no-await-in-loop -- a conversation
    await delay(askEveryMs, undefined, { signal });
    await phone.sayWords(questions[turn % questions.length]!);
    // oxlint-enable no-await-in-loop
  }
}

const each = (values: readonly number[]): number[][] => values.map((value) => [value]);

function figuresOf(echo: readonly Cost[], ours: readonly Cost[], calls: number): Figure[] {
  const load = loadNow();
  const above = (name: keyof Cost) => ours.map((cost, index) => [cost[name] - (echo[index]?.[name] ?? Number.NaN)]);
  const at = `at ${calls} calls`;
  return [
    figureOf(
      { name: `call of an echo bot, ${at}`, unit: '% of a core', load },
      each(echo.map((cost) => cost.cpuPercent)),
    ),
    figureOf(
      { name: `call of an instance, ${at}`, unit: '% of a core', load },
      each(ours.map((cost) => cost.cpuPercent)),
    ),
    figureOf({ name: 'a call above an echo bot', unit: '% of a core', load }, above('cpuPercent'), [
      { of: 'p50', atMost: 1.5 },
    ]),
    figureOf({ name: `call of an echo bot, ${at}`, unit: 'MB', load }, each(echo.map((cost) => cost.rssMb))),
    figureOf({ name: `call of an instance, ${at}`, unit: 'MB', load }, each(ours.map((cost) => cost.rssMb))),
    figureOf({ name: 'a call above an echo bot', unit: 'MB', load }, above('rssMb'), [{ of: 'p50', atMost: 3 }]),
  ];
}
