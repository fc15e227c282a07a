import { at } from '../deadlines.ts';
import { box } from './box.ts';
import { recoveryChart } from './setup.ts';

const running = { to: '#recovery.course.running' } as const;
const escalating = { to: '#recovery.course.escalating' } as const;

/** Nothing is done while it waits, so what is critical need not. */
const outranked = { guard: 'isOutranked', target: running.to, actions: 'putBack' } as const;

const detoured = { ...running, actions: ['takeDetour', 'tellTaken'] } as const;

/** A refused key may be good again though there is no other: so it is tried in any case. */
export const auth = recoveryChart.createStateConfig({
  initial: 'refreshingToken',
  states: {
    refreshingToken: box('refreshingToken', 'refreshToken', { to: 'retrying' }, { to: 'retrying' }),
    retrying: box('retrying', 'retryAccess', running, escalating),
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
        trying: box('retryingWithBackoff', 'retryApi', running, { to: 'waiting', actions: ['countAttempt'] }),
      },
    },
    usingFallbackApi: box('usingFallbackApi', 'useFallbackApi', detoured, escalating),
  },
});

const backup = { to: 'usingBackupConfig' } as const;

export const sip = recoveryChart.createStateConfig({
  initial: 'checkingConfig',
  states: {
    checkingConfig: box('checkingConfig', 'checkSipConfig', { to: 'reloadingConfig' }, backup),
    reloadingConfig: box('reloadingConfig', 'reloadSipConfig', { to: 'testingConnection' }, backup),
    testingConnection: box('testingConnection', 'testSipConnection', running, backup),
    usingBackupConfig: box('usingBackupConfig', 'useBackupSipConfig', detoured, escalating),
  },
});

/** Where it is our own network that is down, nothing is reconnected until it is back, or the attempts are spent. */
export const network = recoveryChart.createStateConfig({
  initial: 'checking',
  states: {
    checking: box('checking', 'checkNetwork', { to: 'reconnecting' }, { to: 'waiting' }),
    reconnecting: box('reconnecting', 'reconnect', running, { to: 'waiting', actions: ['countAttempt'] }),
    waiting: {
      always: [{ guard: 'isNetworkSpent', target: escalating.to }, outranked],
      after: { [at.recoveryBackoff]: 'reconnecting' },
    },
  },
});
