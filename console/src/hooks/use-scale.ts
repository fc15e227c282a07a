import { useLayoutEffect, useState } from 'preact/hooks';

const leastScale = 0.6;

/** How much a drawing this wide must shrink to fit its frame; never so much that it cannot be read. */
export function useScale(frame: { readonly current: HTMLElement | null }, width: number): number {
  const [scale, setScale] = useState(1);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const fit = () => setScale(Math.max(leastScale, Math.min(1, element.clientWidth / width)));
    const watcher = new ResizeObserver(fit);
    watcher.observe(element);
    fit();
    return () => watcher.disconnect();
  }, [width]);
  return scale;
}
