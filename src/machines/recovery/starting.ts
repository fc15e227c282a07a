import { at } from '../deadlines.ts';
import { box } from './box.ts';
import { recoveryChart } from './setup.ts';

export const initializing = recoveryChart.createStateConfig({
  invoke: { id: 'initialize', src: 'initializeComponents', onError: 'checkingHealth' },
  on: { 'components.initialized': 'checkingHealth', 'components.failed': 'checkingHealth' },
  after: { [at.recoveryInitialized]: 'checkingHealth' },
});

/** What is not heard of in time is not known; the watch tells. */
export const checkingHealth = recoveryChart.createStateConfig({
  invoke: { id: 'checkHealth', src: 'checkHealth', input: { targets: 'all' as const }, onError: 'running' },
  on: {
    'health.checked': [
      { guard: 'allPassed', target: 'running' },
      { target: 'diagnosing', actions: ['noteFailing', 'takeNext'] },
    ],
  },
  after: { [at.recoveryProbed]: 'running' },
});

/** What failed first when the instance began; what failed besides waits its turn. */
export const diagnosing = recoveryChart.createStateConfig({
  initial: 'loggingDetails',
  states: {
    loggingDetails: box('loggingDetails', 'logDetails', { to: 'choosing' }, { to: 'choosing' }),
    choosing: {
      always: [{ guard: 'isForLeader', target: '#recovery.course.running' }, { target: 'attemptingAutoFix' }],
    },
    attemptingAutoFix: box(
      'attemptingAutoFix',
      'autoFix',
      { to: '#recovery.course.running' },
      { to: '#recovery.course.awaitingManualFix', actions: ['openIncident'] },
    ),
  },
});
