import { Unreachable } from '../api.ts';

interface Hopes<T> {
  got(answer: T): void;
  /** Told every time, with words for a person. */
  failed(trouble: string): void;
}

const againMs = 1_500;

/** Asks once, and again as long as nobody is there to answer. Returns the end of it. */
export function askUntilThere<T>(ask: () => Promise<T>, { got, failed }: Hopes<T>): () => void {
  let timer = 0;
  let left = false;
  const refused = (error: unknown) => {
    if (left) return;
    const trouble = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Unreachable)) return failed(trouble);
    failed(`${trouble}. Looking again …`);
    timer = window.setTimeout(look, againMs);
  };
  const look = () => void ask().then((answer) => left || got(answer), refused);
  look();
  return () => {
    left = true;
    clearTimeout(timer);
  };
}
