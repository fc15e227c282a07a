import { at } from '../deadlines.ts';
import { box } from './box.ts';
import { recoveryChart } from './setup.ts';

const running = { to: '#recovery.course.running' } as const;
const escalating = { to: '#recovery.course.escalating' } as const;

/** Nothing is done while it waits, so what is critical need not. */
const outranked = { guard: 'isOutranked', target: running.to, actions: 'putBack' } as const;

const detoured = { ...running, actions: ['takeDetour', 'tellTaken'] } as const;

const answers = { to: '#recovery.course.answered' } as const;

/** It answers a look. What fails in calls all the same is not mended by that: others are asked first for a while. */
export const answered = recoveryChart.createStateConfig({
  always: [
    { guard: 'isUnproved', target: '#recovery.course.api.usingFallbackApi' },
    { target: '#recovery.course.running' },
  ],
});

/** A refused key may be good again though there is no other: so it is tried in any case. Another one was not in use yet. */
export const auth = recoveryChart.createStateConfig({
  initial: 'refreshingToken',
  states: {
    refreshingToken: box('refreshingToken', 'refreshToken', { to: 'retrying' }, { to: 'retrying.asBefore' }),
    retrying: {
      initial: 'afresh',
      states: {
        afresh: box('retrying', 'retryAccess', running, escalating),
        asBefore: box('retrying', 'retryAccess', answers, escalating),
      },
    },
  },
});

export const api = recoveryChart.createStateConfig({
  initial: 'checkingStatus',
  states: {
    checkingStatus: box('checkingStatus', 'checkStatus', { to: 'retryingWithBackoff' }, { to: 'retryingWithBackoff' }),
    retryingWithBackoff: {
      initial: 'waiting',
      states: {
        waiting: {
          always: [{ guard: 'isApiSpent', target: '#recovery.course.api.usingFallbackApi' }, outranked],
          after: { [at.recoveryBackoff]: 'trying' },
        },
        trying: box('retryingWithBackoff', 'retryApi', answers, { to: 'waiting', actions: ['countAttempt'] }),
      },
    },
    usingFallbackApi: box('usingFallbackApi', 'useFallbackApi', detoured, escalating),
  },
});

const backup = { to: 'usingBackupConfig' } as const;

/** All instances have the same lines: who no longer leads leaves them to the one that does. */
export const sip = recoveryChart.createStateConfig({
  initial: 'checkingConfig',
  on: { 'lead.lost': running.to },
  states: {
    checkingConfig: box('checkingConfig', 'checkSipConfig', { to: 'reloadingConfig' }, backup),
    reloadingConfig: box('reloadingConfig', 'reloadSipConfig', { to: 'testingConnection' }, backup),
    testingConnection: box('testingConnection', 'testSipConnection', running, backup),
    // From the moment on when lines may be changed the posture says so, whatever comes of it.
    usingBackupConfig: {
      initial: 'checking',
      states: {
        checking: box(
          'usingBackupConfig',
          'checkBackupSipConfig',
          { to: 'putting', actions: ['takeDetour', 'tellTaken'] },
          escalating,
        ),
        putting: box('usingBackupConfig', 'useBackupSipConfig', running, { ...escalating, actions: ['endBackup'] }),
      },
    },
  },
});

/** Where it is our own network that is down, nothing is reconnected until it is back, or the attempts are spent. */
export const network = recoveryChart.createStateConfig({
  initial: 'checking',
  states: {
    checking: box('checking', 'checkNetwork', { to: 'reconnecting' }, { to: 'waiting' }),
    reconnecting: box('reconnecting', 'reconnect', answers, { to: 'waiting', actions: ['countAttempt'] }),
    waiting: {
      always: [{ guard: 'isNetworkSpent', target: escalating.to }, outranked],
      after: { [at.recoveryBackoff]: 'reconnecting' },
    },
  },
});
