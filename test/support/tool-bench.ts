import { createActor, setup } from 'xstate';
import { z } from 'zod';
import type { Intentions, runTools, ToolFact, Tools, ToolsInput } from '../../src/actors/run-tools.ts';
import { tool, type Tool, type ToolOptions } from '../../src/agent.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Starts a batch under a parent that notes every fact with the time it came. */
export function startBatch(logic: ReturnType<typeof runTools>, input: ToolsInput) {
  const facts: ToolFact[] = [];
  const parent = setup({
    types: { events: {} as ToolFact | { type: 'test.stop' } },
    actors: { tools: logic },
  }).createMachine({
    initial: 'running',
    states: {
      running: {
        invoke: { src: 'tools', input: () => input },
        on: { 'test.stop': 'stopped', '*': { actions: ({ event }) => void facts.push(event as ToolFact) } },
      },
      // What comes here came after the actor was stopped.
      stopped: { on: { '*': { actions: ({ event }) => void facts.push(event as ToolFact) } } },
    },
  });
  const actor = createActor(parent);
  actor.start();
  return {
    facts,
    stop: () => actor.send({ type: 'test.stop' }),
    finished: () => facts.filter((fact) => fact.type === 'tool.finished'),
    types: () => facts.map(({ type }) => type),
  };
}

export const committedAtOnce: Intentions = { committed: () => Promise.resolve(true) };

export const toolsOf = (tools: Readonly<Record<string, Tool>>): Tools => ({
  find: (name) => (Object.hasOwn(tools, name) ? tools[name] : undefined),
});

/** A tool of one optional field `n`. */
export const numberTool = (
  run: ToolOptions<z.ZodObject<{ n: z.ZodOptional<z.ZodNumber> }>>['run'],
  options: Partial<Pick<Tool, 'effect' | 'timeoutMs' | 'meanwhile'>> = {},
): Tool => tool({ about: 'a number', input: z.object({ n: z.number().optional() }), effect: 'none', ...options, run });

export const after = <Value>(clock: VirtualClock, ms: number, value: Value): Promise<Value> =>
  new Promise((resolve) => void clock.setTimeout(() => resolve(value), ms));

export const errorOf = (text: string): { code: string; message: string } =>
  (JSON.parse(text) as { error: { code: string; message: string } }).error;
