import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlertMessage } from '../../src/actors/alert-courier.ts';
import type { Failure } from '../../src/failure.ts';
import type { AlertClaims } from '../../src/runtime/alert-claims.ts';
import type { Alert } from '../../src/runtime/alerts.ts';
import { createMemoryRecords } from '../../src/adapters/memory/records.ts';
import { openAlertMemory } from '../../src/runtime/alert-memory.ts';
import { alertBench, saidIn } from '../support/alert-bench.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const start = 1_800_000_000_000;
const minuteMs = 60_000;
const dead: Failure = { vendor: 'alert-webhook', phase: 'rest', class: 'network', retryable: true, message: 'dead' };
const down: Alert = {
  kind: 'target_status',
  target: 'deepgram',
  severity: 'critical',
  summary: 'deepgram is unhealthy',
};

let clock: VirtualClock;
let sent: (AlertMessage & { readonly at: number })[];
let answer: Failure | undefined;
let bench: ReturnType<typeof alertBench>;

const courier = {
  async post(message: AlertMessage) {
    sent.push({ ...message, at: clock.now() - start });
    return answer;
  },
};
const open = (more: Partial<Parameters<typeof alertBench>[0]> = {}) =>
  (bench = alertBench({ clock, courier, ...more }));
/** Of each message with alerts: when, and of each alert its target, state and count. */
const told = () =>
  sent
    .map(({ at, body }) => ({ at, ...saidIn(body) }))
    .filter(({ type }) => type === 'alerts')
    .map(({ at, data }) => [at, ...data.alerts.map((each: any) => `${each.target} ${each.state} ${each.count}`)]);

beforeEach(() => {
  clock = createVirtualClock(start);
  sent = [];
  answer = undefined;
});
afterEach(() => bench.alerting.close());

describe('alerts', () => {
  it('D5.4 what comes together is one message, and each is in the log', async () => {
    const { alerting, codes } = open();
    alerting.raise(down);
    alerting.raise({ ...down, target: 'groq', severity: 'warning' });
    await clock.advance(2000);
    expect(told()).toEqual([[2000, 'deepgram open 1', 'groq open 1']]);
    expect(codes()).toEqual(['error alert.raised', 'warn alert.raised']);
  });

  it('D5.4 the same again is counted, and told once in ten minutes with its count', async () => {
    const { alerting } = open();
    alerting.raise(down);
    await clock.advance(5000);
    for (let at = 0; at < 25; at += 1) {
      alerting.raise(down);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(minuteMs);
    }
    const messages = told();
    expect(messages.map(([, what]) => what)).toEqual([
      'deepgram open 1',
      expect.stringMatching(/^deepgram open 1\d$/),
      expect.stringMatching(/^deepgram open 2\d$/),
    ]);
    expect(messages.every(([at], index) => index === 0 || at - messages[index - 1]![0] >= 600_000)).toBe(true);
  });

  it('D5.4 one that gets worse is told at once, and once', async () => {
    const { alerting } = open();
    const raise = (severity: Alert['severity']) => alerting.raise({ ...down, severity, summary: severity });
    for (const severity of ['warning', 'critical', 'warning', 'critical'] as const) {
      raise(severity);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(minuteMs);
    }
    expect(told()).toEqual([
      [2000, 'deepgram open 1'],
      [62_000, 'deepgram open 2'],
    ]);
    await clock.advance(10 * minuteMs);
    expect(told()[2]![1]).toBe('deepgram open 4');
  });

  it('D5.4 an end is told at once, and one that was not told begun is told as over', async () => {
    const { alerting, codes } = open();
    alerting.raise(down);
    await clock.advance(2000);
    alerting.resolve(down);
    alerting.resolve({ kind: 'cpu', target: 'instance' });
    alerting.raise({ ...down, target: 'groq' });
    alerting.resolve({ ...down, target: 'groq' });
    await clock.advance(2000);
    expect(told().slice(1)).toEqual([[4000, 'deepgram resolved 1', 'groq resolved 1']]);
    expect(codes().filter((code) => code === 'info alert.resolved')).toHaveLength(2);
  });

  it('D5.4 what comes and goes is told once in ten minutes, with how often', async () => {
    const { alerting } = open();
    for (let at = 0; at < 60; at += 1) {
      alerting.raise(down);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(5000);
      alerting.resolve(down);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(5000);
    }
    await clock.advance(10_000);
    expect(told().map(([, what]) => what)).toEqual(['deepgram open 1', 'deepgram resolved 1', 'deepgram resolved 60']);
  });

  it('D5.4 a dead receiver is tried again after pauses that grow to a minute, by the same message while nothing changed', async () => {
    answer = dead;
    open().alerting.raise(down);
    await clock.advance(200_000);
    expect(sent.map(({ at }) => at)).toEqual([2000, 3000, 5000, 9000, 17_000, 33_000, 65_000, 125_000, 185_000]);
    expect(new Set(sent.map(({ id, body }) => id + body)).size).toBe(1);
  });

  it('D5.4 one that has no use for it is asked seldom, and one that says when is asked then', async () => {
    answer = { ...dead, retryable: false };
    open().alerting.raise(down);
    await clock.advance(2000 + 299_999);
    expect(sent).toHaveLength(1);
    answer = { ...dead, retryAfterMs: 7000 };
    await clock.advance(1);
    await clock.advance(7000);
    expect(sent.map(({ at }) => at)).toEqual([2000, 302_000, 309_000]);
  });

  it('D5.4 under 10,000 alerts and a dead receiver what waits is bounded, and each is delivered with its count', async () => {
    answer = dead;
    const { alerting } = open();
    for (let at = 0; at < 10_000; at += 1) alerting.raise({ ...down, target: `target ${at % 200}` });
    await clock.advance(10 * minuteMs);
    expect(alerting.open()).toHaveLength(200);
    sent.length = 0;
    answer = undefined;
    await clock.advance(2 * minuteMs);
    expect(told().map((message) => message.length - 1)).toEqual([50, 50, 50, 50]);
    const all = told().flatMap(([, ...alerts]) => alerts);
    expect(new Set(all)).toEqual(new Set(Array.from({ length: 200 }, (_, at) => `target ${at} open 50`)));
  });

  it('D5.4 more different ones than can be kept are counted in one', async () => {
    const { alerting } = open();
    for (let at = 0; at < 10_000; at += 1) alerting.raise({ ...down, target: `target ${at}` });
    expect(alerting.open()).toHaveLength(1001);
    expect(alerting.list({ limit: 1 })).toMatchObject([{ kind: 'alerts_overflow', count: 9000, severity: 'critical' }]);
    for (let at = 0; at < 1000; at += 1) alerting.resolve({ ...down, target: `target ${at}` });
    await clock.advance(2 * minuteMs);
    alerting.raise({ ...down, target: 'new' });
    expect(alerting.list({ limit: 1 })).toMatchObject([{ target: 'new' }]);
  });

  it('D5.4 a heart beats to a receiver that listens, whatever else cannot be told, and names what is open', async () => {
    const { alerting } = open({ heartbeatMs: minuteMs });
    alerting.raise(down);
    await clock.advance(3 * minuteMs);
    const beats = sent.map(({ at, body }) => ({ at, ...saidIn(body) })).filter(({ type }) => type === 'heartbeat');
    const [incident] = alerting.open();
    expect(beats.map(({ at }) => at)).toEqual([0, 60_000, 120_000, 180_000]);
    expect(beats.at(-1)!.data).toEqual({ instance: 'one', everyMs: 60_000, open: 1, ids: [incident!.id] });
    answer = dead;
    await clock.advance(minuteMs);
    expect(bench.codes()).toContain('warn alert.heartbeat_lost');
  });

  it('R8.1 R10.5 neither keys nor numbers leave in an alert', async () => {
    const key = 'sk-canary0123456789';
    open().alerting.raise({
      ...down,
      summary: `refused ${key} of +4930123456`,
      facts: { said: `Bearer ${key}`, token: key, phone: '+4930123456' },
    });
    await clock.advance(2000);
    const everything = JSON.stringify([sent, bench.lines, bench.alerting.list({ limit: 9 })]);
    expect(everything).not.toMatch(/canary0123|30123456/);
  });

  it('D5.4 without a receiver alerts are in the log and the list, and what was not delivered at the end is said', async () => {
    const { alerting, codes } = open({ courier: undefined as never });
    alerting.raise(down);
    await clock.advance(minuteMs);
    await alerting.close();
    expect([alerting.list({ limit: 9 }).length, codes()]).toEqual([1, ['error alert.raised']]);
    answer = dead;
    const other = open();
    other.alerting.raise(down);
    await other.alerting.close();
    await clock.advance(minuteMs);
    expect([sent.length, other.codes().at(-1)]).toEqual([0, 'warn alert.untold']);
  });
});

describe('alerts across a restart', () => {
  let records: ReturnType<typeof createMemoryRecords>;
  const trouble = vi.fn();
  const restart = async (more: Parameters<typeof open>[0] = {}) => {
    await bench?.alerting.close();
    open({ ...more, memory: await openAlertMemory({ records, clock, trouble }) });
  };
  beforeEach(() => {
    records = createMemoryRecords(clock);
    trouble.mockClear();
  });

  it('D5.4 an end after a restart is told, of the incident that was told before', async () => {
    await restart();
    bench.alerting.raise(down);
    await clock.advance(2000);
    const { id } = bench.alerting.open()[0]!;
    await restart({ instance: 'next' });
    expect(bench.alerting.open()).toMatchObject([{ id, target: 'deepgram', count: 1 }]);
    bench.alerting.resolve(down);
    await clock.advance(2000);
    expect(told()).toEqual([
      [2000, 'deepgram open 1'],
      [4000, 'deepgram resolved 1'],
    ]);
    await restart();
    expect(bench.alerting.open()).toEqual([]);
  });

  it('D5.4 what was told before a restart is told again after ten minutes and not sooner', async () => {
    await restart();
    bench.alerting.raise(down);
    await clock.advance(2000);
    for (let minute = 0; minute < 11; minute += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await restart({ instance: `of minute ${minute}` });
      bench.alerting.raise(down);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(minuteMs);
    }
    expect(told()).toEqual([
      [2000, 'deepgram open 1'],
      [602_000 + 2000, 'deepgram open 12'],
    ]);
  });

  it('D5.4 what nobody finds again after a restart is over three minutes later, and what was not told yet is told', async () => {
    answer = dead;
    await restart();
    bench.alerting.raise(down);
    bench.alerting.raise({ ...down, target: 'groq' });
    await clock.advance(5000);
    answer = undefined;
    sent = [];
    await restart();
    await clock.advance(2000);
    expect(told()).toEqual([[7000, 'deepgram open 1', 'groq open 1']]);
    bench.alerting.raise(down);
    await clock.advance(4 * minuteMs);
    expect(bench.alerting.open().map(({ target }) => target)).toEqual(['deepgram']);
    expect(told().at(-1)!.slice(1)).toEqual(['groq resolved 1']);
  });

  it('D5.4 what could not be written is told of, and written when it can be', async () => {
    const { put } = records;
    records.put = () => Promise.reject(new Error('disk full'));
    await restart();
    bench.alerting.raise(down);
    await clock.advance(100);
    expect(trouble.mock.calls.map(String)).toEqual(['Error: disk full']);
    records.put = put;
    await clock.advance(5_000);
    expect((await records.get('incidents'))?.text).toContain('deepgram');
  });

  it('D5.4 what is kept is bounded, and what is damaged is told of and forgotten', async () => {
    await restart();
    for (let at = 0; at < 900; at += 1) bench.alerting.raise({ ...down, target: `target ${at}` });
    await restart();
    expect(bench.alerting.open()).toHaveLength(500);
    await bench.alerting.close();
    await records.put('incidents', '[{"kind":"none"}]');
    await restart();
    expect([bench.alerting.open().length, trouble.mock.calls.length]).toEqual([0, 1]);
  });
});

it('D5.4 the mark by which instances know that one has told it ends before it is to be told again', async () => {
  const marks = new Map<string, number>();
  const claims: AlertClaims = {
    take: async (name) => ((marks.get(name) ?? 0) > clock.now() ? 'told' : 'mine'),
    async told(names, _instead, forMs) {
      // Redis is some milliseconds away.
      await new Promise<void>((done) => void clock.setTimeout(done, 50));
      for (const name of names) marks.set(name, clock.now() + forMs);
    },
    release: async () => undefined,
    close: async () => undefined,
  };
  const { alerting } = open({ claims });
  alerting.raise(down);
  await clock.advance(2000);
  await clock.advance(598_020);
  alerting.raise(down);
  await clock.advance(10_000);
  expect(told().map(([, what]) => what)).toEqual(['deepgram open 1', 'deepgram open 2']);
});
