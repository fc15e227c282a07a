/** Keeps facts in the order they came, and waits for one. */
export interface FactRecord<Fact extends { readonly type: string }> {
  readonly facts: readonly Fact[];
  readonly report: (fact: Fact) => void;
  /** The first fact, kept or coming, that matches. Rejects after 20 s with the facts that came. */
  readonly until: (match: (fact: Fact) => boolean) => Promise<Fact>;
}

export function recordFacts<Fact extends { readonly type: string }>(): FactRecord<Fact> {
  const facts: Fact[] = [];
  const waiters = new Set<(fact: Fact) => void>();

  function until(match: (fact: Fact) => boolean): Promise<Fact> {
    const known = facts.find(match);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        waiters.delete(see);
        reject(new Error(`no such fact; there were ${JSON.stringify(facts.slice(-20))}`));
      }, 20_000);
      const see = (fact: Fact) => {
        if (!match(fact)) return;
        clearTimeout(limit);
        waiters.delete(see);
        resolve(fact);
      };
      waiters.add(see);
    });
  }

  return {
    facts,
    until,
    report(fact) {
      facts.push(fact);
      for (const see of waiters) see(fact);
    },
  };
}
