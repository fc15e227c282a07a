import { freshEgress } from './context.ts';
import { life } from './life.ts';
import { type egressActors, egressChart } from './setup.ts';
import { watch } from './watch.ts';
import { wish } from './wish.ts';

/** Written into every stored egress. */
export const egressMachineVersion = 1;

const egressMachine = egressChart.createMachine({
  id: 'egress',
  context: ({ input }) => freshEgress(input),
  type: 'parallel',
  states: { life, watch, wish },
});

/** Every actor of an egress, each required. */
export type EgressActors = typeof egressActors;

/** The life of one egress, from the intention to LiveKit's last word, with its actors plugged in. */
export const createEgress = (given: EgressActors) => egressMachine.provide({ actors: given });

export type EgressMachine = ReturnType<typeof createEgress>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareEgress = egressMachine;
