import type { KeepingInput, KeepingMachine } from '../../../src/machines/keeping/keeping.machine.ts';
import { keeperOf } from '../../../src/runtime/keeper.ts';
import type { Host } from '../walk-life.ts';
import { stateOf, turns } from './shared.ts';

/** A keeper: whoever waits until something is written is answered when it is, or will not be any more. */
export const keepingHost =
  (input: KeepingInput): Host =>
  (machine, clock, self) => {
    const keeper = keeperOf(machine as unknown as KeepingMachine, clock, input);
    let waiting = 0;
    return {
      send(event) {
        if (event.type !== 'keep.asked') return self().send(event);
        keeper.ask();
        waiting += 1;
        void keeper.kept().then(() => (waiting -= 1));
      },
      async end() {
        await turns();
        const isClean = stateOf(self()).matches('clean');
        const isWritten = waiting === 0;
        keeper.stop();
        await turns();
        if (waiting > 0) return ['somebody waits for a writing that will never be'];
        return isClean && !isWritten ? ['somebody waits though all is written'] : [];
      },
    };
  };
