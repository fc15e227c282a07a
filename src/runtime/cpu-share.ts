import type { Clock } from '../clock.ts';

export interface CpuShareOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Processors that the instance may use. */
  readonly cores: number;
  /** What this process has used of them since it began, in ms. */
  readonly ownMs: () => number;
}

/** How much of its processors an instance uses, with the processes that run calls for it. */
export interface CpuShare {
  /** What another process has used since it began. */
  note(pid: number, usedMs: number): void;
  /** 0 to 1, over the last half second or somewhat more. */
  read(): number;
}

const windowMs = 500;

export function createCpuShare({ clock, cores, ownMs }: CpuShareOptions): CpuShare {
  const others = new Map<number, number>();
  let usedMs = 0;
  let share = 0;
  let since = { at: clock.now(), ownMs: ownMs() };
  return {
    note(pid, nowMs) {
      usedMs += nowMs - (others.get(pid) ?? nowMs);
      others.set(pid, nowMs);
    },
    read() {
      const elapsedMs = clock.now() - since.at;
      if (elapsedMs < windowMs) return share;
      const now = { at: clock.now(), ownMs: ownMs() };
      share = Math.min(1, (usedMs + now.ownMs - since.ownMs) / (elapsedMs * cores));
      [since, usedMs] = [now, 0];
      return share;
    },
  };
}
