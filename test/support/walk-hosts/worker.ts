import type { WorkerMachine } from '../../../src/machines/worker/worker.machine.ts';
import { createSeat } from '../../../src/runtime/workers/seat.ts';
import type { Host } from '../walk-life.ts';
import { silent, stateOf, turns } from './shared.ts';

/** A place for a process: open to calls exactly while its process serves and is lively, closed when its machine is over. */
export const workerHost: Host = (machine, clock, self) => {
  const seat = createSeat({
    machineOf: () => machine as unknown as WorkerMachine,
    start: () => ({ pid: 1, send: silent, kill: silent }),
    clock,
    heard: silent,
    gone: silent,
    changed: silent,
  });
  let isClosed = false;
  return {
    send(event) {
      if (event.type !== 'worker.close') return self().send(event);
      void seat.close().then(() => (isClosed = true));
    },
    async end() {
      await turns();
      const state = stateOf(self());
      const serves = state.matches({ alive: { duty: 'serving', pulse: 'lively' } });
      self().stop();
      if (seat.load().isOpen !== serves) return ['calls are given to a process that does not serve'];
      return isClosed === state.matches('ended') ? [] : ['whoever closes it is not told when it is over'];
    },
  };
};
