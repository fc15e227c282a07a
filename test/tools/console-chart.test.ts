import { createRequire } from 'node:module';
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { layOutChart, layoutName, type LayoutEngine, shapes } from '../../console/src/model/lay-out.ts';
import type { PlacedBox, PlacedPlate } from '../../console/src/model/layout.ts';
import { litOf, nextPossible, runs } from '../../console/src/model/lit.ts';
import { type Box, indexOf, platesOf } from '../../console/src/model/plates.ts';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { bareReply } from '../../src/machines/reply/reply.machine.ts';
import { chartOf } from '../../src/runtime/chart.ts';

const Elk = createRequire(import.meta.url)('elkjs/lib/elk.bundled.js') as new () => LayoutEngine;
const charts = [bareCall, bareReply].map(chartOf);
const call = charts[0]!;

const boxesIn = (box: Box): Box[] => [box, ...box.children.flatMap(boxesIn)];
const drawnIn = (chart: typeof call) => platesOf(indexOf(chart)).flatMap(({ root }) => boxesIn(root));

describe('the plates of a chart', () => {
  it.each(charts)('$machine: every state is drawn once, as a box or inside a folded one', (chart) => {
    const shown = drawnIn(chart).flatMap(({ id, inside }) => [id, ...inside]);
    const parallels = chart.states.filter(({ kind }) => kind === 'parallel').map(({ id }) => id);
    const all = chart.states.map(({ id }) => id);
    expect(new Set(shown).size).toBe(shown.length);
    expect(new Set([...shown, ...parallels])).toEqual(new Set(all));
  });

  it('a turn of the agent is drawn in full once: where it replies', () => {
    const boxes = new Map(drawnIn(call).map((box) => [box.id, box]));
    expect(boxes.get('replying')?.children.map(({ key }) => key)).toEqual([
      'thinking',
      'speaking',
      'bargeIn',
      'halted',
    ]);
    for (const copy of ['disclosing', 'greeting']) {
      expect(boxes.get(copy)?.children).toEqual([]);
      expect(boxes.get(copy)?.pips.some(({ path }) => path === 'speaking')).toBe(true);
    }
  });

  it('transitions are drawn between states of one parent, whatever is inside of them', () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { initial: 'x', states: { x: { on: { GO: '#y', HOP: 'z' } }, z: {} } },
        b: { initial: 'y', states: { y: { id: 'y', on: { BACK: '#m.a' } }, w: {} } },
      },
    });
    const [plate] = platesOf(indexOf(chartOf(machine)));
    expect(plate?.links.map(({ from, to, labels }) => [from, to, labels])).toEqual([
      ['m.a', 'm.b', ['GO']],
      ['m.b', 'm.a', ['BACK']],
    ]);
  });
});

describe('the layout', () => {
  let plates: PlacedPlate[];
  beforeAll(async () => {
    const laidOut = shapes.flatMap((shape) => charts.map((chart) => layOutChart(new Elk(), chart, shape)));
    plates = (await Promise.all(laidOut)).flat();
  });

  it('no two states lie on each other unless one holds the other', () => {
    for (const { boxes } of plates) {
      const leaves = boxes.filter(({ box }) => box.children.length === 0);
      for (const [place, a] of leaves.entries())
        for (const b of leaves.slice(place + 1)) expect(overlap(a, b)).toBe(false);
    }
  });

  it('everything lies on its plate, and children inside their parents', () => {
    for (const { boxes, links, width, height } of plates) {
      const placed = new Map(boxes.map((each) => [each.box.id, each]));
      for (const each of boxes) {
        expect(each.x >= 0 && each.y >= 0 && each.x + each.width <= width && each.y + each.height <= height).toBe(true);
        for (const child of each.box.children) expect(holds(each, placed.get(child.id)!)).toBe(true);
      }
      for (const [x, y] of links.flatMap(({ points }) => points))
        expect(x >= 0 && y >= 0 && x <= width && y <= height).toBe(true);
    }
  });

  it('has another name for another machine, another shape', () => {
    const other = { ...call, edges: call.edges.slice(1) };
    expect(new Set([layoutName(call, 'wide'), layoutName(call, 'narrow'), layoutName(other, 'wide')]).size).toBe(3);
    expect(layoutName(structuredClone(call), 'wide')).toBe(layoutName(call, 'wide'));
  });

  it('asks the engine to lay out each region by itself', async () => {
    const asked: string[] = [];
    const engine = { layout: async (graph: ElkNode) => (asked.push(graph.id), graph) };
    await layOutChart(engine, call, 'wide');
    expect(asked).toEqual(expect.arrayContaining(['conversation', 'hearing', 'call']));
  });
});

const overlap = (a: PlacedBox, b: PlacedBox) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const holds = (a: PlacedBox, b: PlacedBox) =>
  a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;

describe('what is lit', () => {
  const index = indexOf(call);
  const speaking = call.states.find(({ id }) => id.endsWith('.replying.speaking'))!.id;
  const quiet = call.states.find(({ id }) => id.endsWith('.listening.quiet'))!.id;
  const now = { at: 0, value: {}, active: [speaking], before: [quiet], by: '', timers: [] };

  it('is the active state with all above it; what was entered and left is told apart', () => {
    const lit = litOf(index, now);
    expect(lit.on).toEqual(new Set(index.pathOf(speaking)));
    expect(lit.entered).toEqual(new Set(['replying', speaking]));
    expect(lit.left).toEqual(new Set(['listening', quiet]));
  });

  it('the reply runs while a state that invokes it is active', () => {
    expect(runs(index, litOf(index, now), 'reply')).toBe(true);
    expect(runs(index, litOf(index, { ...now, active: [quiet] }), 'reply')).toBe(false);
  });

  it('what is possible next begins with the innermost state', () => {
    const next = nextPossible(index, now, 'conversation', 50);
    expect(next[0]).toEqual({ label: 'caller.voice_started' });
    expect(next).toContainEqual({ label: 'call.hang_up' });
    expect(nextPossible(index, now, 'conversation', 2)).toHaveLength(2);
    expect(nextPossible(index, undefined, 'conversation', 2)).toEqual([]);
  });

  it('what is a matter of time says when it is due', () => {
    const timers = [{ name: 'callerSilent', state: quiet, dueAt: 7_000, since: 0 }];
    const next = nextPossible(index, { ...now, active: [quiet], timers }, 'conversation', 50);
    expect(next).toContainEqual({ label: 'after callerSilent', dueAt: 7_000 });
    expect(next.filter(({ dueAt }) => dueAt !== undefined)).toHaveLength(1);
  });
});
