import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CallStory, noStory, tell } from '../../console/src/model/call-story.ts';
import { barOf, median } from '../../console/src/model/latency.ts';
import { shownLines } from '../../console/src/model/line.ts';
import { liveFirst } from '../../console/src/model/order.ts';
import { floorsOf, segmentsOf } from '../../console/src/model/segments.ts';
import type { CallSummary, LogDraft, LogEntry } from '../../src/runtime/call-log.ts';

const recorded = readFileSync(new URL('../fixtures/log/demo-call.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line, index): LogEntry => ({ ...(JSON.parse(line) as LogDraft), seq: index + 1 }));

const linesOf = (story: CallStory) => shownLines(story.lines, false);
const numbered = (...drafts: LogDraft[]): LogEntry[] => drafts.map((draft, index) => ({ ...draft, seq: index + 1 }));

const agentLine = (at: number, text: string, more: object = {}): LogDraft => ({
  at,
  kind: 'line',
  data: { id: 'agent-1', turn: 1, who: 'agent', ...more },
  pii: { text, ...('unheard' in more ? { unheard: String(more.unheard) } : {}) },
});
const stateOf = (at: number, value: unknown, timers: readonly object[] = []): LogDraft => ({
  at,
  kind: 'state',
  data: { machine: 'call', value, active: ['a'], by: 'x', timers },
});
const journalled = (at: number, type: string, more: object): LogDraft => ({
  at,
  kind: 'event',
  data: { to: 'x:0', type, ...more },
});
const lasted = (...drafts: LogDraft[]) => linesOf(tell(noStory, numbered(...drafts)))[0]?.lastedMs;
const talking = (state: unknown) => ({ live: { conversation: { talking: state } } });

describe('the story of a call', () => {
  it('of a recorded call holds who said what, what was cut, what a tool gave and how it ended', () => {
    const story = tell(noStory, recorded);
    expect(story).toMatchObject({ phone: '+15550199', agent: 'receptionist', why: 'agent said goodbye' });
    expect(story.reply).toBeUndefined();
    const cut = linesOf(story).find(({ cut }) => cut);
    expect(cut?.text).toMatch(/^The house stands at the harbour/);
    expect(cut?.unheard).toMatch(/lit from four\.$/);
    expect(linesOf(story).find(({ backchannel }) => backchannel)).toMatchObject({ text: 'uh-huh', lastedMs: 419 });
    expect(linesOf(story).find(({ who }) => who === 'tool')).toMatchObject({ name: 'room_price', ok: true });
    const kinds = new Set(story.marks.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['tool', 'backchannel', 'cut', 'digit', 'ended']));
    expect(floorsOf(story.spans)).toEqual(
      expect.arrayContaining(['ringing', 'agent', 'caller', 'both', 'keys', 'over']),
    );
  });

  it('is the same in one go, entry by entry, and when some come twice', () => {
    const whole = tell(noStory, recorded);
    const stepwise = recorded.reduce((story, entry) => tell(story, [entry]), noStory);
    expect(stepwise).toEqual(whole);
    const again = tell(tell(noStory, recorded.slice(0, 300)), recorded.slice(200));
    expect(again).toEqual(whole);
  });

  it('leaves the story before as it was', () => {
    const half = tell(noStory, recorded.slice(0, 100));
    const kept = structuredClone(half);
    tell(half, recorded.slice(100));
    expect(half).toEqual(kept);
  });

  it('a line is replaced by a later one of the same name, and taken back when it is removed', () => {
    const two = tell(noStory, numbered(agentLine(1, 'Good'), agentLine(1, 'Good morning')));
    expect(linesOf(two).map(({ text }) => text)).toEqual(['Good morning']);
    const none = tell(noStory, numbered(agentLine(1, 'Good'), agentLine(1, 'Good', { removed: true })));
    expect(linesOf(none)).toEqual([]);
  });

  it('reads in the order things were heard: a tool that ran before the answer comes before it', () => {
    const tool: LogDraft = { at: 2, kind: 'line', data: { id: 't', turn: 1, who: 'tool' }, pii: { text: '' } };
    const story = tell(noStory, numbered(agentLine(1, ''), tool, stateOf(5, 'x'), agentLine(1, 'It is')));
    expect(linesOf(story).map(({ id }) => id)).toEqual(['t', 'agent-1']);
  });

  it('a turn that a timer began, whose time is that of the last sound before it, comes where it is said', () => {
    const later = {
      data: { id: 'agent-2', turn: 2, who: 'agent' as const },
      pii: { text: '', unheard: 'Still there?' },
    };
    const story = tell(
      noStory,
      numbered(stateOf(0, 'a'), agentLine(1, 'Hello'), stateOf(7_000, 'b'), {
        at: 0,
        kind: 'line',
        ...later,
      }),
    );
    expect(shownLines(story.lines, true).map(({ id, saidAt }) => [id, saidAt])).toEqual([
      ['agent-1', 1],
      ['agent-2', 7_000],
    ]);
  });

  it('how long a backchannel lasted is known once the voice has stopped, before or after it was noted', () => {
    const noted: LogDraft = {
      at: 1_300,
      kind: 'line',
      data: { id: 'backchannel-1', turn: 1, who: 'caller', backchannel: true },
      pii: { text: 'mm-hm' },
    };
    const began = journalled(1_060, 'caller.voice_started', { onsetMs: 60 });
    const ended = journalled(1_430, 'caller.voice_stopped', { quietMs: 120 });
    expect(lasted(began, noted)).toBeUndefined();
    expect(lasted(began, noted, ended)).toBe(310);
    expect(lasted(began, ended, noted)).toBe(310);
  });

  it('knows who owns the call by its epoch', () => {
    const taken: LogDraft = { at: 1, kind: 'call', data: { what: 'restored', epoch: 3 } };
    expect(tell(noStory, numbered(stateOf(0, 'a'))).epoch).toBe(1);
    expect(tell(noStory, numbered(stateOf(0, 'a'), taken)).epoch).toBe(3);
  });

  it('an answer nobody has heard yet shows while the call is live only', () => {
    const story = tell(noStory, numbered(agentLine(1, '')));
    expect(shownLines(story.lines, true)).toHaveLength(1);
    expect(shownLines(story.lines, false)).toHaveLength(0);
  });

  it('a deadline keeps the time it was first seen while it stays the same', () => {
    const due = { name: 'cap', state: 'talking', dueAt: 900 };
    const story = tell(noStory, numbered(stateOf(100, 'a', [due]), stateOf(300, 'b', [due])));
    expect(story.call?.timers).toEqual([{ ...due, since: 100 }]);
    const armedAnew = tell(story, [{ ...stateOf(400, 'b', [{ ...due, dueAt: 1200 }]), seq: 3 }]);
    expect(armedAnew.call?.timers).toEqual([{ ...due, dueAt: 1200, since: 400 }]);
  });

  it('the timeline says who had the floor, and its last span lasts until now', () => {
    const story = tell(
      noStory,
      numbered(
        stateOf(0, { live: { conversation: 'ringing' } }),
        stateOf(10, talking({ replying: { thinking: { tentative: 'hushed' } } })),
        stateOf(20, talking({ replying: 'speaking' })),
        stateOf(25, talking({ replying: 'speaking' })),
        stateOf(30, talking({ replying: { bargeIn: { ducked: 'voiced' } } })),
      ),
    );
    expect(segmentsOf(story.spans, 50)).toEqual([
      { floor: 'ringing', start: 0, end: 10 },
      { floor: 'thinking', start: 10, end: 20 },
      { floor: 'agent', start: 20, end: 30 },
      { floor: 'both', start: 30, end: 50 },
    ]);
  });
});

describe('latency bars', () => {
  it('hold each stage that took time, and what none accounts for', () => {
    const bar = barOf({ turn: 3, endOfTurnMs: 101, modelMs: 300, ownMs: 5, heldMs: 0, replyMs: 500 });
    expect(bar?.parts.map(({ key, ms }) => [key, ms])).toEqual([
      ['endOfTurnMs', 101],
      ['modelMs', 300],
      ['ownMs', 5],
      ['restMs', 94],
    ]);
  });

  it('are not drawn for a turn nobody waited for, or that was decided before the caller had ended', () => {
    expect(barOf({ turn: 1 })).toBeUndefined();
    expect(barOf(undefined)).toBeUndefined();
    expect(barOf({ turn: 2, endOfTurnMs: -40, modelMs: 200, replyMs: 160 })?.parts.map(({ key }) => key)).toEqual([
      'modelMs',
    ]);
  });

  it('the median is the value that half of them do not exceed', () => {
    expect(median([900, 100, 300])).toBe(300);
    expect(median([400, 100])).toBe(100);
    expect(median([])).toBeUndefined();
  });
});

const call = (callKey: string, startedAt: number, endedAt?: number) =>
  ({ callKey, startedAt, ...(endedAt ? { endedAt } : {}) }) as CallSummary;

it('live calls come first, the newest of each kind on top', () => {
  const ordered = liveFirst([call('old', 1, 2), call('new', 5, 6), call('live', 3), call('live later', 4)]);
  expect(ordered.map(({ callKey }) => callKey)).toEqual(['live later', 'live', 'new', 'old']);
});
