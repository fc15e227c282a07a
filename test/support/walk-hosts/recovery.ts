import type { RecoveryInput } from '../../../src/machines/recovery/context.ts';
import { stanceOf } from '../../../src/machines/recovery/measures.ts';
import type { RecoveryMachine } from '../../../src/machines/recovery/recovery.machine.ts';
import type { Posture } from '../../../src/posture.ts';
import { createHub } from '../../../src/runtime/hub.ts';
import type { StatusChange } from '../../../src/runtime/notices.ts';
import { createPostureBoard } from '../../../src/runtime/posture-board.ts';
import type { PostureStore } from '../../../src/runtime/posture-store.ts';
import { createRecoveryHost } from '../../../src/runtime/recovery.ts';
import type { Host } from '../walk-life.ts';
import { same, silent, stateOf, turns } from './shared.ts';

/** The posture of instances of which this one leads. */
function ownPosture(): PostureStore {
  let kept: Posture | undefined;
  return {
    lead: async () => 1,
    read: async () => kept,
    write: async (posture) => ((kept = posture), 'written'),
    watch: () => silent,
    close: async () => undefined,
  };
}

/** Recovery under its host, which takes its stance to all instances. */
export const recoveryHost =
  (input: RecoveryInput): Host =>
  (machine, clock, self) => {
    const statuses = createHub<StatusChange>(silent);
    const board = createPostureBoard(silent);
    const recovery = createRecoveryHost({
      machine: machine as unknown as RecoveryMachine,
      input,
      statuses,
      board,
      store: ownPosture(),
      clock,
      log: { error: silent, warn: silent, info: silent },
      closed: silent,
      stopped: silent,
    });
    return {
      send(event) {
        const { type, ...change } = event;
        if (type === 'status.changed') return statuses.tell(change as never);
        return type === 'admin.acknowledged' ? void recovery.acknowledge() : self().send(event);
      },
      async end() {
        await turns();
        const stance = stanceOf(stateOf(self()).context.measures);
        const stands = board.now();
        await recovery.close();
        return Object.entries(stance).every(([key, value]) => same(value, stands[key as keyof Posture]))
          ? []
          : [`the posture is ${JSON.stringify(stands)}, not ${JSON.stringify(stance)}`];
      },
    };
  };
