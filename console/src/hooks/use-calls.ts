import { useEffect, useState } from 'preact/hooks';
import type { CallSummary } from '../../../src/runtime/call-log.ts';
import { callsNow } from '../api.ts';

const everyMs = 1_500;

export interface CallsNow {
  readonly calls?: readonly CallSummary[];
  readonly trouble?: string;
}

/** The calls, looked up again and again while the page is seen. */
export function useCalls(): CallsNow {
  const [known, setKnown] = useState<CallsNow>({});
  useEffect(() => {
    let timer = 0;
    let over = false;
    const look = async () => {
      const next = document.hidden ? undefined : await lookUp();
      if (over) return;
      if (next) setKnown((before) => ({ ...before, trouble: '', ...next }));
      timer = window.setTimeout(look, everyMs);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return known;
}

const lookUp = (): Promise<CallsNow> =>
  callsNow().then(
    (calls) => ({ calls }),
    (error: unknown) => ({ trouble: error instanceof Error ? error.message : String(error) }),
  );
