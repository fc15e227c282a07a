/** Work that is done again as long as something asked for it meanwhile, one at a time; many asks become one run. */
export interface SingleFlight {
  /** Asks for a run. */
  ask(): void;
  /** Resolves when everything asked for so far has run; false when the last run failed. */
  done(): Promise<boolean>;
}

/** `run` must not throw; it answers whether it succeeded. `pause` spaces the runs. */
export function createSingleFlight(run: () => Promise<boolean>, pause: () => Promise<void>): SingleFlight {
  let dirty = false;
  let flight: Promise<boolean> | undefined;
  const fly = async (): Promise<boolean> => {
    let good = true;
    while (dirty) {
      dirty = false;
      // oxlint-disable-next-line no-await-in-loop
      good = await run();
      // oxlint-disable-next-line no-await-in-loop
      if (dirty) await pause();
    }
    flight = undefined;
    return good;
  };
  return {
    ask() {
      dirty = true;
      flight ??= fly();
    },
    done: async () => (flight ? flight : true),
  };
}
