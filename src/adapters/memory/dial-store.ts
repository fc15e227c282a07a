import type { Clock } from '../../clock.ts';
import { type CallStore, rememberMs } from '../../runtime/call-store.ts';
import type { DialLimits, DialStore } from '../../runtime/dial-store.ts';

interface Dialled {
  readonly fingerprint: string;
  readonly askedAt: number;
  settled?: { readonly at: number; readonly talkedMs: number };
}

/** A `DialStore` that lasts as long as the process, beside the `CallStore` in which it opens calls. */
export function createMemoryDials({
  store,
  clock,
}: {
  readonly store: Pick<CallStore, 'ingest'>;
  readonly clock: Pick<Clock, 'now'>;
}): DialStore {
  const dials = new Map<string, Dialled>();
  const open = () => [...dials.values()].filter(({ settled }) => settled === undefined);

  function spentMs({ dayStartsAt }: DialLimits): number {
    const spent = [...dials.values()].map(({ askedAt, settled }) => {
      if (settled === undefined) return clock.now() - Math.max(askedAt, dayStartsAt);
      return settled.at >= dayStartsAt ? settled.talkedMs : 0;
    });
    return spent.reduce((sum, ms) => sum + ms, 0);
  }

  function forgetOld(): void {
    for (const [callKey, { settled }] of dials)
      if (settled !== undefined && settled.at <= clock.now() - rememberMs) dials.delete(callKey);
  }

  return {
    async order({ callKey, order, fingerprint }, limits) {
      forgetOld();
      const known = dials.get(callKey);
      if (known) return known.fingerprint === fingerprint ? 'known' : 'other';
      if (open().length >= limits.concurrent) return 'busy';
      if (spentMs(limits) >= limits.dailyMs) return 'spent';
      const fact = { type: 'door.dial_asked', order } as const;
      dials.set(callKey, { fingerprint, askedAt: clock.now() });
      if ((await store.ingest({ id: 'dial', callKey, at: clock.now(), fact })) === 'stored') return 'ordered';
      dials.delete(callKey);
      return 'known';
    },
    async settle(callKey, talkedMs) {
      const dialled = dials.get(callKey);
      if (dialled) dialled.settled ??= { at: clock.now(), talkedMs };
    },
  };
}
