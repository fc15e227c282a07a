import { useEffect, useState } from 'preact/hooks';

export interface Polled<Answer> {
  readonly answer?: Answer;
  /** Why the last look gave nothing; empty when it did. */
  readonly trouble?: string;
}

/** The answer to a question, asked again and again while the page is seen. `ask` must be the same function each time; `again` asks at once. */
export function usePolled<Answer>(ask: () => Promise<Answer>, everyMs: number): Polled<Answer> & { again(): void } {
  const [known, setKnown] = useState<Polled<Answer>>({});
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let timer = 0;
    let over = false;
    const look = async () => {
      const next = document.hidden ? undefined : await lookUp(ask);
      if (over) return;
      if (next) setKnown((before) => ({ ...before, trouble: '', ...next }));
      timer = window.setTimeout(look, everyMs);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [ask, everyMs, asked]);
  return { ...known, again: () => setAsked((times) => times + 1) };
}

const lookUp = <Answer>(ask: () => Promise<Answer>): Promise<Polled<Answer>> =>
  ask().then(
    (answer) => ({ answer }),
    (error: unknown) => ({ trouble: error instanceof Error ? error.message : String(error) }),
  );
