import type { RecoveryInput } from '../../../src/machines/recovery/context.ts';
import { type Stance, stanceOf } from '../../../src/machines/recovery/measures.ts';
import type { RecoveryMachine } from '../../../src/machines/recovery/recovery.machine.ts';
import type { Posture } from '../../../src/posture.ts';
import { createHub } from '../../../src/runtime/hub.ts';
import type { StatusChange } from '../../../src/runtime/notices.ts';
import { createPostureBoard } from '../../../src/runtime/posture-board.ts';
import type { PostureStore } from '../../../src/runtime/posture-store.ts';
import { createRecoveryHost } from '../../../src/runtime/recovery.ts';
import type { Host } from '../walk-life.ts';
import { same, silent, stateOf, turns } from './shared.ts';

/** The posture of instances, of which this one leads when its machine has been told so. */
function ownPosture(leads: () => boolean): PostureStore {
  let kept: Posture | undefined;
  return {
    lead: async () => (leads() ? 1 : undefined),
    read: async () => kept,
    write: async (posture) => ((kept = posture), 'written'),
    watch: () => silent,
    waiting: async () => [],
    acknowledge: async () => undefined,
    acknowledged: async () => undefined,
    close: async () => undefined,
  };
}

/** Lists say the same in any order. */
const inOrder = <Said extends Stance>(said: Said): Said => ({
  ...said,
  avoid: said.avoid.toSorted(),
  limited: said.limited.toSorted(),
  measures: said.measures.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
});

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
      store: ownPosture(() => stateOf(self()).matches({ lead: 'leading' })),
      clock,
      log: { error: silent, warn: silent, info: silent },
      closed: silent,
      notLedBack: silent,
      stopped: silent,
    });
    return {
      send(event) {
        const { type, ...change } = event;
        if (type === 'status.changed') return statuses.tell(change as never);
        if (type === 'admin.acknowledged') return void recovery.acknowledge();
        self().send(event);
        return type.startsWith('lead.') ? turns(60) : undefined;
      },
      async end() {
        await turns();
        const { lead } = stateOf(self()).value as { readonly lead: string };
        const stance = inOrder(stanceOf(stateOf(self()).context.measures));
        const stands = inOrder(board.now());
        await recovery.close();
        const isWritten = Object.entries(stance).every(([key, value]) => same(value, stands[key as keyof Posture]));
        return isWritten || lead === 'following'
          ? []
          : [`the posture is ${JSON.stringify(stands)}, not ${JSON.stringify(stance)}`];
      },
    };
  };
