/** Which instance tells what all of them see. Where the others cannot be asked, everybody may. */
export interface AlertClaims {
  /** `mine`: nobody else tells it for half a minute; `told`: another did, lately; `taken`: another is about to. */
  take(name: string): Promise<'mine' | 'told' | 'taken'>;
  /** These were told: for so long nobody else need. Those of `instead` may be told again. */
  told(names: readonly string[], instead: readonly string[], forMs: number): Promise<void>;
  /** It could not be told here. */
  release(name: string): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** For an instance that is the only one. */
export const onlyTeller: AlertClaims = { take: async () => 'mine', told: nothing, release: nothing, close: nothing };
