import type { Transfer } from '../actors/transfer.ts';
import type { Clock } from '../clock.ts';
import { leastPostureMs, type LimitableOperation } from '../posture.ts';
import type { PostureBoard } from './posture-board.ts';

/** Where recovery has switched this operation off: ms after which it is worth asking again. */
export type Limits = (operation: LimitableOperation) => number | undefined;

/** While a posture must stand nothing changes; later it may at any moment. */
const againMs = 10_000;

export const createLimits =
  (posture: Pick<PostureBoard, 'now'>, clock: Clock): Limits =>
  (operation) => {
    const { limited, mode, since } = posture.now();
    // Nobody is called to be told that nobody is there.
    const isOff = limited.includes(operation) || (operation === 'outbound' && mode === 'failsafe');
    return isOff ? Math.max(againMs, since + leastPostureMs - clock.now()) : undefined;
  };

/** What whoever is refused is told. */
export const switchedOff = (operation: LimitableOperation): string =>
  `recovery has switched ${operation} off for now, to keep calls going`;

/** Callers are put through only while that is not switched off; else they stay, and hear why not. */
export const limitedTransfer = (transfer: Transfer, limits: Limits): Transfer => ({
  refer: async (caller, to, options) =>
    limits('transfers') === undefined
      ? transfer.refer(caller, to, options)
      : { result: 'failed', message: `not begun: ${switchedOff('transfers')}` },
});
