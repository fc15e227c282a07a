/** Lets one of all instances at a time do a thing of one name. */
export interface Alone {
  /**
   * Does the work while no other instance does any of this name. Rejects with `limit` when others take too long. Where the others
   * cannot be asked it is done all the same.
   */
  hold<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /**
   * Whether this instance is the one that goes on with what has this name: for so long, and longer each time that it asks. Never
   * rejects. Where the others cannot be asked each is.
   */
  leads(name: string, forMs: number): Promise<boolean>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** For an instance that is the only one. */
export const onlyInstance: Alone = {
  hold: (_name, work) => work(),
  leads: async () => true,
  close: async () => undefined,
};
