import { useEffect, useState } from 'preact/hooks';

/** The moment a page shows: one that stands still, or the present, by the server's clock. */
export type Moment = { readonly at: number } | { readonly aheadMs: number };

/** That moment in ms since 1970; the present is looked up this often, by whoever shows it. */
export function useMoment(moment: Moment, everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  const passes = 'aheadMs' in moment;
  useEffect(() => {
    if (!passes) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [passes, everyMs]);
  return passes ? now + moment.aheadMs : moment.at;
}
