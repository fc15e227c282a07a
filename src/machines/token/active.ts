import { at } from '../deadlines.ts';
import { tokenChart } from './setup.ts';

/** A token nobody waits for a successor of lives out its life: whoever comes back in time gets one at once. */
export const active = tokenChart.createStateConfig({
  initial: 'inUse',
  entry: 'noteDue',
  on: { 'token.revoke': '#token.revoked' },
  after: { [at.tokenEnds]: 'expired' },
  states: {
    inUse: {
      on: { 'client.attached': { guard: 'isDue', target: 'autoRefreshing', actions: 'countFollower' } },
      after: { [at.refreshDue]: 'autoRefreshing' },
    },
    autoRefreshing: { always: [{ guard: 'isFollowed', target: '#token.refreshing' }, 'inUse'] },
  },
});
