import { at } from '../deadlines.ts';
import { freshRecovery } from './context.ts';
import { adminAction, awaitingManualFix, degraded, escalating, failsafe, switchingToBackup } from './escalating.ts';
import { lead } from './lead.ts';
import { answered, api, auth, network, sip } from './mending.ts';
import { type recoveryActors, recoveryChart } from './setup.ts';
import { standing } from './standing.ts';
import { checkingHealth, diagnosing, initializing } from './starting.ts';
import { backoffMs } from './triage.ts';

/** What is well again needs nothing more done about it, wherever recovery is. */
const course = recoveryChart.createStateConfig({
  initial: 'starting',
  on: {
    'status.changed': [
      { guard: 'isMended', target: '.running', actions: ['noteStatus', 'tellReviewed'] },
      { actions: ['noteStatus', 'tellReviewed'] },
    ],
  },
  states: {
    starting: { always: 'initializing' },
    initializing,
    checkingHealth,
    diagnosing,
    running: {
      entry: 'closeTrouble',
      initial: 'monitoring',
      on: { 'admin.acknowledged': { guard: 'isOpen', target: 'adminAction' } },
      states: {
        monitoring: {
          always: { guard: 'isQueued', target: '#recovery.course.classifying', actions: 'takeNext' },
          after: { [at.recoveryReconsiders]: { target: 'monitoring', reenter: true, actions: 'queueForgotten' } },
        },
      },
    },
    classifying: {
      always: [
        { guard: 'takesAuth', target: 'auth' },
        { guard: 'leadsSip', target: 'sip' },
        { guard: 'takesSip', target: 'running' },
        { guard: 'takesApi', target: 'api' },
        { target: 'network' },
      ],
    },
    auth,
    api,
    sip,
    network,
    answered,
    escalating,
    awaitingManualFix,
    adminAction,
    failsafe,
    switchingToBackup,
    degraded,
  },
});

const recoveryMachine = recoveryChart.createMachine({
  id: 'recovery',
  context: ({ input }) => freshRecovery(input),
  type: 'parallel',
  states: { course, standing, lead },
});

/** Every actor of recovery, each required. */
export type RecoveryActors = typeof recoveryActors;

/** Recovery of one instance (SPEC D8), with its actors plugged in. `random` gives from 0 to 1, for the pauses between attempts. */
export const createRecovery = (given: RecoveryActors, random: () => number) =>
  recoveryMachine.provide({
    actors: given,
    delays: {
      recoveryBackoff: ({ context }) => backoffMs(context.attempts, random()),
      leadBackBackoff: ({ context }) => backoffMs(context.returns, random()),
    },
  });

export type RecoveryMachine = ReturnType<typeof createRecovery>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareRecovery = recoveryMachine;
