import { at } from '../deadlines.ts';
import { box } from './box.ts';
import { recoveryChart } from './setup.ts';

const running = { to: '#recovery.course.running' } as const;

const waiting = { to: '#recovery.course.awaitingManualFix' } as const;

/** What nobody here can mend is an incident from now on, whether the alert can be sent or not. */
export const escalating = recoveryChart.createStateConfig({
  entry: 'openIncident',
  initial: 'alerting',
  states: { alerting: box('alerting', 'sendAlert', waiting, waiting) },
});

/** Callers are spared first; the incident stays open, and may be mended by hand at any time afterwards. */
export const awaitingManualFix = recoveryChart.createStateConfig({
  always: [
    { guard: 'isCritical', target: 'failsafe' },
    { guard: 'isQueued', target: 'degraded' },
  ],
  on: { 'admin.acknowledged': { guard: 'isOpen', target: 'adminAction' } },
  after: { [at.manualFix]: 'degraded' },
});

/** That it was mended is looked at, not believed. */
export const adminAction = recoveryChart.createStateConfig({
  invoke: {
    id: 'checkHealth',
    src: 'checkHealth',
    input: ({ context }) => ({ targets: context.incidents.map(({ target }) => target) }),
    onError: 'running',
  },
  on: {
    'health.checked': [
      { guard: 'allPassed', target: 'running', actions: ['noteVerdict', 'tellReviewed'] },
      { target: 'awaitingManualFix', actions: ['noteVerdict', 'openIncident', 'tellReviewed'] },
    ],
  },
  after: { [at.recoveryProbed]: 'running' },
});

/** New calls are spared at once, whatever else can be done. */
export const failsafe = recoveryChart.createStateConfig(
  box(
    'failsafe',
    'activateFailsafe',
    { to: 'switchingToBackup', actions: ['takeFailsafe', 'tellTaken'] },
    { to: 'switchingToBackup' },
  ),
);

/** With a backup that works, calls are served as ever: failsafe is over as soon as a posture may change. */
export const switchingToBackup = recoveryChart.createStateConfig(
  box(
    'switchingToBackup',
    'switchToBackup',
    { ...running, actions: ['takeDetour', 'endFailsafe', 'tellTaken'] },
    running,
  ),
);

export const degraded = recoveryChart.createStateConfig({
  initial: 'limitedOperations',
  states: {
    limitedOperations: box(
      'limitedOperations',
      'limitOperations',
      { ...running, actions: ['takeLimits', 'tellTaken'] },
      running,
    ),
  },
});
