import { recoveryChart } from './setup.ts';

/**
 * Whether this instance writes the posture, and does what all of them share: the lines at LiveKit. What stands when it begins to
 * is kept for a while, and led back from.
 */
export const lead = recoveryChart.createStateConfig({
  initial: 'following',
  states: {
    following: {
      on: {
        'lead.taken': [
          { guard: 'isFoundCalm', target: 'leading', actions: 'queueLines' },
          { target: 'leading', actions: ['adoptPosture', 'queueLines', 'tellTaken'] },
        ],
      },
    },
    leading: { on: { 'lead.lost': 'following' } },
  },
});
