import { hash } from 'node:crypto';
import type { AnyMachineSnapshot } from 'xstate';
import { pathOf } from './state-nodes.ts';
import type { Event } from './tour.ts';
import { explored, type Walk } from './walk.ts';
import { beginLife, type Life } from './walk-life.ts';
import { lived, toured } from './walked.ts';

/** A life of a machine that is right, as it was seen: what befell it, and how it stood and what it did after each step. */
export interface Tale {
  readonly walk: Walk;
  readonly first: string;
  readonly steps: { readonly event: Event; readonly seen: string }[];
  /** The step in which a transition was first taken; the first states are step 0. */
  readonly taken: Map<string, number>;
  /** The step after which a state was first active, and the one in which it first was left. */
  readonly stood: Map<string, number>;
  readonly left: Map<string, number>;
}

/** Short lives: whatever a mutant does wrong is found a few steps from its beginning. */
const lifeSteps = 60;

/** Walks every edge of a machine that is right, and writes down its lives. */
export async function talesOf(walk: Walk): Promise<Tale[]> {
  const graph = explored(walk);
  const tales: Tale[] = [];
  const begin = () => told(walk, tales);
  const { missed } = await toured(walk, graph, begin, lifeSteps);
  // oxlint-disable-next-line no-await-in-loop -- one life after the other
  for (const edge of missed) await lived(walk, graph, edge, begin);
  return tales;
}

function told(walk: Walk, tales: Tale[]): Life {
  const taken = new Map<string, number>();
  const stood = new Map<string, number>();
  const left = new Map<string, number>();
  const steps: Tale['steps'] = [];
  const note = (firsts: Map<string, number>, name: string) => void (firsts.has(name) || firsts.set(name, steps.length));
  const life = beginLife(walk.machine, walk.host, (name, from) => {
    note(taken, name);
    note(left, from);
  });
  const stand = () => life.state()._nodes.forEach((node) => note(stood, pathOf(node)));
  stand();
  tales.push({ walk, first: seenOf(life), steps, taken, stood, left });
  return {
    ...life,
    async occur(event) {
      const happened = await life.occur(event);
      steps.push({ event, seen: happened ? seenOf(life) : 'nothing' });
      stand();
      return happened;
    },
  };
}

/** Whether a machine lives otherwise than it is told. */
export async function differs(walk: Walk, { first, steps }: Tale): Promise<boolean> {
  const life = beginLife(walk.machine, walk.host, () => undefined);
  if (seenOf(life) !== first) return true;
  for (const { event, seen } of steps) {
    // oxlint-disable-next-line no-await-in-loop -- one step after another
    const happened = await life.occur(event);
    if ((happened ? seenOf(life) : 'nothing') !== seen) return true;
  }
  return false;
}

/** Where a machine stands, what it knows, what it waits for and what it has just done. */
function seenOf(life: Life): string {
  const { value, status, context } = life.state();
  return hash(
    'sha1',
    JSON.stringify([value, status, known(context), life.waits(), life.deeds(), String(life.error())]),
  );
}

/** What does not change is left out, and what is long ago. */
function known({ agent: _agent, phrases: _phrases, history, ...rest }: AnyMachineSnapshot['context']): unknown {
  return Array.isArray(history) ? [rest, history.length, history.slice(-3)] : rest;
}
