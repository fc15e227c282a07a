import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ShownLine } from '../../tools/demo/record.ts';
import type { ScriptedCall } from '../../tools/demo/scripted-call.ts';
import { demoResult, faultsOf, playValidCall, resultOf, summaryLines } from '../../tools/demo/summary.ts';

const line = (who: ShownLine['who'], text: string, more: Partial<ShownLine> = {}): ShownLine => ({
  id: text,
  turn: 1,
  who,
  text,
  unheard: '',
  cut: false,
  finished: true,
  backchannel: false,
  name: '',
  ...more,
});

const shown = [
  ...['one', 'two', 'three', 'four', 'five', '[keys: 4701]'].map((text) => line('caller', text)),
  line('caller', 'uh-huh', { backchannel: true }),
  line('agent', 'The house stands', { cut: true }),
  line('tool', '{}', { name: 'room_price' }),
];

const call = (more: Partial<ScriptedCall> = {}): ScriptedCall => ({
  story: {
    lines: new Map(shown.map((each) => [each.id, each])),
    states: ['ringing', 'ended'],
    bargeIns: 1,
    ended: 'agent said goodbye',
  },
  verdict: {
    heardEqualsHistory: true,
    lostInTransit: 1,
    words: 100,
    turns: [{ turn: 1, heard: 3, inHistory: 3, lost: 1, agrees: true }],
  },
  answerMs: 340,
  replyMs: [700, 500, 600, 900],
  ...more,
});
const faults = (played: ScriptedCall) => faultsOf(resultOf('in-process', played), played);
const verdict = (more: Partial<ScriptedCall['verdict']>) => call({ verdict: { ...call().verdict, ...more } });
const story = (more: Partial<ScriptedCall['story']>) => call({ story: { ...call().story, ...more } });
const without = (missing: (each: ShownLine) => boolean) =>
  story({ lines: new Map(shown.filter((each) => !missing(each)).map((each) => [each.id, each])) });

describe('the result of the demo', () => {
  it('is one object with these fields and no other', () => {
    expect(resultOf('livekit-server', call())).toEqual({
      room: 'livekit-server',
      turns: 6,
      bargeIns: 1,
      backchannels: 1,
      tools: 1,
      digits: '4701',
      heardEqualsHistory: true,
      lostInTransit: 1,
      states: ['ringing', 'ended'],
      answerMs: 340,
      replyMs: { p50: 600, p95: 900 },
      ended: 'agent said goodbye',
    });
  });

  it('is without fault when the call showed all it should', () => {
    expect(faults(call())).toEqual([]);
    expect(summaryLines(resultOf('in-process', call()), [])).toEqual([
      '',
      '6 turns, 1 tool call(s), 1 barge-in(s), 1 backchannel(s), keys 4701',
      'answered and heard after 340 ms; replies at the ear p50 600 ms, p95 900 ms',
      'what the caller heard is what the history says (1 word(s) damaged on the way)',
    ]);
  });

  it.each([
    ['the caller could not go on: a question: too late', call({ trouble: 'a question: too late' })],
    ['only 5 turns', without(({ text }) => text === 'one')],
    ['no tool was called', without(({ who }) => who === 'tool')],
    ['no barge-in took the floor', story({ bargeIns: 0 })],
    ['no backchannel was noticed', without(({ backchannel }) => backchannel)],
    ['the call ended otherwise: caller hung up', story({ ended: 'caller hung up' })],
    ['words were heard, and the history has none', verdict({ heardEqualsHistory: false })],
    ['6 of 100 words were damaged on the way: the run is void', verdict({ lostInTransit: 6 })],
    ['nothing was heard of the agent, or of its replies', call({ replyMs: [] })],
  ])('has the fault: %s', (fault, played) => {
    expect(faults(played)).toEqual([fault]);
    expect(summaryLines(resultOf('in-process', played), [fault]).at(-1)).toBe(`✗ ${fault}`);
  });

  it('has a fault for keys that did not arrive, and for each turn in which history and ear differ', () => {
    expect(faults(without(({ text }) => text.startsWith('[keys')))).toContain('no keys arrived');
    const turns = [{ turn: 4, heard: 9, inHistory: 7, lost: 0, agrees: false }];
    const wrong = verdict({ heardEqualsHistory: false, turns });
    expect(faults(wrong)).toEqual(['turn 4: 9 words heard, 7 in the history']);
    expect(summaryLines(resultOf('in-process', wrong), [])).toContain(
      'what the caller heard is NOT what the history says',
    );
  });

  it('holds numbers only, also when nothing was heard, and is no valid result then', () => {
    const { answerMs: _, ...deaf } = call({ replyMs: [] });
    const result = resultOf('in-process', deaf);
    expect(JSON.stringify(result)).not.toContain('null');
    expect(summaryLines(result, [])).toContain('nothing was heard of the agent');
    expect(demoResult.safeParse(result).success).toBe(false);
  });
});

describe('a run in which more than one word in twenty was damaged', () => {
  const told: string[] = [];
  const played = async (...lost: number[]) => {
    const left = [...lost];
    const last = await playValidCall(
      () => Promise.resolve(verdict({ lostInTransit: left.shift() ?? 0 })),
      (text) => void told.push(text),
    );
    return { lost: last.verdict.lostInTransit, left };
  };

  it('is played once more, and no other is', async () => {
    expect(await played(5, 0)).toEqual({ lost: 5, left: [0] });
    expect(told).toEqual([]);
    expect(await played(6, 2, 0)).toEqual({ lost: 2, left: [0] });
    expect(told.join()).toContain('6 of 100 words were damaged on the way: this machine is too busy, once more');
  });

  it('is not played a third time, and is a fault then', async () => {
    expect(await played(6, 7, 0)).toEqual({ lost: 7, left: [0] });
    expect(faults(verdict({ lostInTransit: 7 }))).toHaveLength(1);
  });
});

const checker = join(import.meta.dirname, '../../tools/demo/check-result.ts');
const check = (printed: string) => spawnSync(process.execPath, [checker], { input: printed, encoding: 'utf8' });

describe('the check of the last line', () => {
  const good = JSON.stringify(resultOf('livekit-server', call()));

  it('lets a result through', () => {
    expect(check(`> voicechart demo\n\n${good}\n`)).toMatchObject({ status: 0, stdout: `${good}\n`, stderr: '' });
  });

  it.each([
    ['no JSON at all', 'ready', 'line'],
    ['nothing', '', 'line'],
    ['a result that is not last', `${good}\nbye`, 'line'],
    ['a null', good.replace('340', 'null'), 'answerMs'],
    ['a field that is not known', good.replace('{', '{"more":1,'), 'more'],
    ['a field that is missing', good.replace('"turns":6,', ''), 'turns'],
  ])('refuses %s', (_, printed, named) => {
    const { status, stdout, stderr } = check(printed);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(named);
  });
});
