import { freshAlerting } from './context.ts';
import { delivery } from './delivery.ts';
import { heart } from './heart.ts';
import { type alertActors, alertChart } from './setup.ts';
import { watch } from './watch.ts';

const alertMachine = alertChart.createMachine({
  id: 'alert',
  context: ({ input }) => freshAlerting(input),
  type: 'parallel',
  states: { delivery, heart, watch },
});

/** Every actor of alerting, each required. */
export type AlertActors = typeof alertActors;

/** How an instance tells what is wrong, for as long as it runs, with its actors plugged in. */
export const createAlerting = (given: AlertActors) => alertMachine.provide({ actors: given });

export type AlertMachine = ReturnType<typeof createAlerting>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareAlerting = alertMachine;
