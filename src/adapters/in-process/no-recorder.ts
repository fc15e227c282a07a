import type { Egress } from '../../actors/egress.ts';
import { notPassedOn } from '../../runtime/control-error.ts';

const refuse = () => Promise.reject(notPassedOn('refused', 'there is no recorder here'));

/** Where no recorder is: nothing is recorded. */
export const inProcessRecorder: Egress = {
  start: refuse,
  list: async () => [],
  stop: refuse,
  updateLayout: refuse,
  updateStream: refuse,
};
