import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { help, readArgs } from '../../bench/args.ts';
import { figureOf } from '../../bench/figure.ts';
import { floorLost, pickUpOf, timingsOf } from '../../bench/log.ts';
import { gapsIn, voiceBack } from '../../bench/measures/takeover/heard.ts';
import { killAll, killFigures } from '../../bench/measures/takeover/killed.ts';
import { cpuShares, cpuTimes } from '../../bench/machine.ts';
import { renewedPage } from '../../bench/page.ts';
import { cpuPercent, usageOf } from '../../bench/process-usage.ts';
import { markdownOf, type Report, tableOf } from '../../bench/report.ts';
import { percentile, quantityOf } from '../../bench/stats.ts';
import type { PhoneEvent } from '../../emulators/phone/types.ts';
import type { LogDraft, LogEntry } from '../../src/runtime/call-log.ts';

const logged = (drafts: readonly LogDraft[]): LogEntry[] =>
  drafts.map((draft, index) => ({ ...draft, seq: index + 1 }));

const event = (at: number, type: string, data: object = {}): LogDraft => ({
  at,
  kind: 'event',
  data: { to: 'call', type, ...data },
});

const state = (at: number, conversation: unknown): LogDraft => ({
  at,
  kind: 'state',
  data: { machine: 'call', value: { live: { conversation } } },
});

const turn = (data: object): LogDraft => ({ at: 1, kind: 'turn', data: { turn: 1, ...data } });

const note = (arrivedMs: number, event: string, outcome = 'ignored') => ({ arrivedMs, event, outcome });

const speaking = { talking: { replying: 'speaking' } };
const ducked = { talking: { replying: { bargeIn: { ducked: 'voiced' } } } };
const silent = { talking: { replying: { bargeIn: { silent: 'voiced' } } } };
const listening = { talking: { listening: 'callerTalking' } };

describe('quantities', () => {
  test('percentiles are values that were measured, the nearest at or above the share', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.5, 0.95, 1].map((share) => percentile(values, share))).toEqual([1, 1, 3, 5, 5]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('the spread is that of the medians of the repetitions; an empty one does not count', () => {
    expect(quantityOf([[10, 20, 30], [], [40]])).toEqual({ n: 4, p50: 20, p95: 40, max: 40, p50Spread: [20, 40] });
    expect(quantityOf([[], []])).toBeUndefined();
  });

  test('a goal without a measurement is not reached', () => {
    const goal = { of: 'p50', atMost: 100 } as const;
    expect(figureOf({ name: 'x', load: 0 }, [[100]], [goal]).goals).toEqual([{ ...goal, reached: true }]);
    expect(figureOf({ name: 'x', load: 0 }, [[101]], [goal]).goals).toEqual([{ ...goal, reached: false }]);
    expect(figureOf({ name: 'x', load: 0 }, [], [goal]).goals).toEqual([{ ...goal, reached: false }]);
  });
});

describe('what a log says', () => {
  test('only turns that a model answered are turns of the benchmark', () => {
    expect(timingsOf(logged([turn({ replyMs: 5 }), turn({ modelMs: 250, ownMs: 7 })]))).toEqual([
      { turn: 1, modelMs: 250, ownMs: 7 },
    ]);
  });

  test('the floor is lost from the onset of the voice, not from the moment it was noticed', () => {
    const entries = logged([
      state(0, speaking),
      event(1080, 'caller.voice_started', { onsetMs: 80 }),
      state(1081, ducked),
      state(1390, silent),
      state(1500, listening),
    ]);
    expect(floorLost(entries, 900, 3000)).toEqual({ duckedMs: 81, silentMs: 390 });
  });

  test('words may take the floor without a silence before', () => {
    const entries = logged([
      event(1080, 'caller.voice_started', { onsetMs: 80 }),
      state(1081, ducked),
      state(1390, listening),
    ]);
    expect(floorLost(entries, 900, 3000)).toEqual({ duckedMs: 81, silentMs: 390 });
  });

  test('an agent that went on has not lost the floor', () => {
    const restored = [event(1080, 'caller.voice_started', { onsetMs: 80 }), state(1081, ducked), state(1400, speaking)];
    expect(floorLost(logged(restored), 900, 3000)).toEqual({ duckedMs: 81 });
    expect(floorLost(logged([state(1400, listening)]), 900, 3000)).toEqual({});
    expect(floorLost(logged(restored), 1100, 3000)).toEqual({});
  });

  test('a pick-up is counted from the caller’s webhook to the agent’s track, not the caller’s own', () => {
    const notes = [
      note(95, 'room_started'),
      note(100, 'participant_joined', 'stored'),
      note(130, 'track_published'),
      note(210, 'participant_joined'),
      note(240, 'track_published'),
    ];
    const entries = logged([
      { at: 108, kind: 'call', data: { what: 'started', room: 'r' } },
      event(260, 'line.joined'),
    ]);
    const phone = [{ atMs: 290, type: 'answered' } as const];
    expect(pickUpOf(notes, entries, phone)).toEqual({
      startedMs: 8,
      publishedMs: 140,
      joinedMs: 160,
      answeredMs: 190,
    });
    expect(pickUpOf(notes.slice(0, 4), entries, phone)).toBeUndefined();
  });
});

describe('what a caller heard of a takeover', () => {
  const heard: PhoneEvent[] = [
    { atMs: 10, type: 'voice.joined', identity: 'agent-x-1', trackSid: 'TR_1' },
    { atMs: 100, type: 'sound.began', startMs: 100 },
    { atMs: 1100, type: 'sound.ended', startMs: 100, endMs: 900 },
    { atMs: 1150, type: 'sound.began', startMs: 1150 },
    { atMs: 1500, type: 'sound.ended', startMs: 1150, endMs: 1300 },
    { atMs: 1600, type: 'voice.joined', identity: 'agent-x-2', trackSid: 'TR_2' },
    { atMs: 1700, type: 'sound.began', startMs: 1700 },
  ];

  test('what was on its way when its owner died is not the voice that came back', () => {
    expect(voiceBack(heard, 1000)).toEqual({ backMs: 700, silenceMs: 400 });
    expect(voiceBack(heard.slice(0, -1), 1000)).toBeUndefined();
    expect(voiceBack(heard, 1650)).toBeUndefined();
  });

  test('a call that nobody has a log of when its owner was killed is one that was dropped, and is not left out', async () => {
    let isDead = false;
    const phone = {
      sayWords: async () => ({ endMs: 1 }),
      when: async () => {
        if (isDead) throw new Error('nothing came');
      },
      events: () => [],
      heard: () => [],
      hangUp: async () => undefined,
    };
    const call = {
      phone,
      owner: async () => undefined,
      spoken: () => new Map(),
      end: () => Promise.reject(new Error('unknown')),
    };
    const plan = {
      perBed: 1,
      open: async () => ({ bed: { dial: async () => call }, close: async () => undefined }),
      kill: async () => void (isDead = true),
      mend: async () => undefined,
    } as unknown as Parameters<typeof killAll>[0];
    const left: string[] = [];
    const trouble = (line: string) => void left.push(line);
    const all = await killAll(plan, { repetitions: 1, parts: [], tell: () => undefined, trouble });
    const dropped = killFigures(all, 'process', { backMs: 1 }).find(({ unit }) => unit === 'calls');
    expect([dropped?.max, dropped?.goals[0]?.reached, left]).toEqual([1, false, []]);
  });

  test('gaps are silences in the middle of what was told', () => {
    expect(gapsIn(heard, 100, 1800)).toEqual([250, 400]);
    expect(gapsIn(heard, 100, 1300)).toEqual([250]);
    expect(gapsIn(heard, 1150, 1300)).toEqual([]);
  });
});

describe('reports', () => {
  const figures = [
    figureOf({ name: 'reply', note: 'at the ear', load: 0.4 }, [[600], [620.4]], [{ of: 'p50', atMost: 600 }]),
    figureOf({ name: 'a call', unit: 'MB', load: 1 }, [[2.25]], [{ of: 'p50', atMost: 2 }]),
  ];

  test('the table for people says what was asked and whether it was reached', () => {
    const [head, reply, call] = tableOf(figures).split('\n');
    expect(head).toMatch(/^\s+n\s+p50\s+p95\s+max/);
    expect(reply).toMatch(/^reply \(ms\)\s+2\s+600\s+620\s+620\s+600–620\s+p50 ≤ 600 ✓\s+0\.4$/);
    expect(call).toMatch(/^a call \(MB\)\s+1\s+2\.3\s+2\.3\s+2\.3\s+2\.3–2\.3\s+p50 ≤ 2 ✗\s+1$/);
  });

  const report: Report = {
    bench: 'turn',
    command: 'npm run bench -- turn --write',
    date: '2026-08-01',
    machine: { cores: 2, memoryGb: 24, node: 'v24.0.0', platform: 'linux x64' },
    figures,
    troubles: ['one was left out'],
    cpu: { idle: 60, stolen: 5 },
  };

  test('the page carries command, day, machine, figures and notes', () => {
    const page = renewedPage('', report);
    expect(page).toContain('npm run bench -- turn --write');
    expect(page).toContain('2026-08-01: 2 cores, 24 GB, linux x64, Node v24.0.0');
    expect(page).toContain(markdownOf(figures));
    expect(page).toContain('one was left out');
    expect(page).toContain('idle for 60 % of the time, and for 5 % the host');
  });

  test('what is measured renews its own section of the page, and leaves the others as they are', () => {
    const [first, second] = figures.map((figure) => [figure]);
    const stores = { ...report, bench: 'stores', command: 'npm run bench -- stores --write', figures: first! } as const;
    const both = renewedPage(renewedPage('', stores), { ...report, figures: second! });
    expect(both.match(/^## .*$/gm)).toEqual(['## A turn', '## What calls write, and the door']);
    expect(both).toContain(markdownOf(first!));
    expect(renewedPage(both, { ...report, figures: second! })).toBe(both);
    const later = renewedPage(both, { ...stores, date: '2026-08-02' });
    expect(later).toBe(both.replace(/(stores --write` on 2026-08-)01/, '$102'));
  });

  test('the parts of a bench have sections of their own', () => {
    const [worker, instance] = figures.map((figure) => figure);
    const page = renewedPage('', {
      ...report,
      figures: [
        { ...worker!, part: 'worker' },
        { ...instance!, part: 'instance' },
      ],
    });
    expect(page.match(/^## .*$/gm)).toHaveLength(2);
  });
});

test.runIf(process.platform === 'linux')('the use of a process is read with its threads', () => {
  const before = usageOf(process.pid);
  const until = performance.now() + 300;
  while (performance.now() < until);
  const after = usageOf(process.pid);
  expect(after.cpuMs).toBeGreaterThan(before.cpuMs);
  expect(cpuPercent(before, after)).toBeGreaterThan(0);
  expect(Math.abs(after.rssMb - process.memoryUsage().rss / 2 ** 20)).toBeLessThan(100);
});

test('what the machine did is told in shares of the time between two looks', () => {
  const from = { all: 1000, idle: 100, stolen: 10 };
  expect(cpuShares(from, { all: 1200, idle: 150, stolen: 12 })).toEqual({ idle: 25, stolen: 1 });
  expect(cpuShares(from, from)).toBeUndefined();
  expect(cpuShares(undefined, from)).toBeUndefined();
});

test.runIf(process.platform === 'linux')('times of the cores are read', () => {
  const { all, idle } = cpuTimes()!;
  expect(idle).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(idle);
});

describe('the command', () => {
  test('without options everything is measured', () => {
    expect(readArgs(['turn'], '2026-08-01')).toEqual({
      bench: 'turn',
      help: false,
      turns: 120,
      calls: 10,
      repetitions: 30,
      only: [],
      parts: [],
      ours: false,
      json: false,
      write: false,
      date: '2026-08-01',
      command: 'npm run bench -- turn',
    });
  });

  test('measures may be chosen', () => {
    expect(readArgs(['turn', '--only', 'floor', '--only', 'cost', '--calls', '4'], '')).toMatchObject({
      only: ['floor', 'cost'],
      calls: 4,
    });
  });

  test('parts of the takeover may be chosen, and how often each is done', () => {
    const args = ['takeover', '--only', 'instance', '--repetitions', '3', '--write'];
    expect(readArgs(args, '')).toMatchObject({
      only: [],
      parts: ['instance'],
      repetitions: 3,
      command: 'npm run bench -- takeover --only instance --repetitions 3 --write',
    });
  });

  test.each([
    [['metrics', '--write'], '--write: there is no page about metrics'],
    [['control', '--write'], '--write: there is no page about control'],
    [['turns'], 'which benchmark? There are: turn, takeover, control, metrics, stores, load, faults'],
    [['turn', '--only', 'speed'], '--only: replies, floor, cost; not speed'],
    [['takeover', '--only', 'floor'], '--only: worker, instance, handover, calls, redis, in-process; not floor'],
    [['takeover', '--repetitions', '0'], '--repetitions: a whole number from 1 to 1000, not 0'],
    [['turn', '--turns', '0'], '--turns: a whole number from 1 to 10000, not 0'],
    [['turn', '--speed'], '--speed'],
  ])('%j is refused', (args, message) => {
    expect(() => readArgs(args, '')).toThrow(message);
  });

  test('--help needs no more', () => {
    const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${help}\n` });
  });
});
