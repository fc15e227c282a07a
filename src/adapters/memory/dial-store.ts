import type { Clock } from '../../clock.ts';
import { type CallStore, rememberMs } from '../../runtime/call-store.ts';
import type { DialStore } from '../../runtime/dial-store.ts';

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
  readonly store: Pick<CallStore, 'ingest' | 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}): DialStore {
  const dials = new Map<string, Dialled>();

  /** Ms of a call that goes on; nothing of one that does not. */
  const goingOn = (openKeys: ReadonlySet<string>, dayStartsAt: number): readonly number[] =>
    [...dials]
      .filter(([callKey, { settled }]) => settled === undefined && openKeys.has(callKey))
      .map(([, { askedAt }]) => clock.now() - Math.max(askedAt, dayStartsAt));

  const overMs = (dayStartsAt: number): readonly number[] =>
    [...dials.values()].map(({ settled }) => (settled && settled.at >= dayStartsAt ? settled.talkedMs : 0));

  function forgetOld(openKeys: ReadonlySet<string>): void {
    for (const [callKey, { askedAt, settled }] of dials)
      if ((settled?.at ?? askedAt) <= clock.now() - rememberMs && !openKeys.has(callKey)) dials.delete(callKey);
  }

  return {
    async order({ callKey, order, fingerprint }, limits) {
      const openKeys = new Set((await store.list()).map((call) => call.callKey));
      forgetOld(openKeys);
      const known = dials.get(callKey);
      if (known) return known.fingerprint === fingerprint ? 'known' : 'other';
      const open = goingOn(openKeys, limits.dayStartsAt);
      if (open.length >= limits.concurrent) return 'busy';
      const spentMs = [...open, ...overMs(limits.dayStartsAt)].reduce((sum, ms) => sum + ms, 0);
      if (spentMs >= limits.dailyMs) return 'spent';
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
