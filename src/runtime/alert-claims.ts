/** Which instance tells what all of them see. Where the others cannot be asked, everybody may. */
export interface AlertClaims {
  /** `mine`: nobody else tells it for half a minute; `told`: another did, lately; `taken`: another is about to. */
  take(name: string): Promise<'mine' | 'told' | 'taken'>;
  /** It was told: for so long nobody else need. `instead` may be told again. */
  told(name: string, instead: string, forMs: number): Promise<void>;
  /** It could not be told here. */
  release(name: string): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** For an instance that is the only one. */
export const onlyTeller: AlertClaims = { take: async () => 'mine', told: nothing, release: nothing, close: nothing };
