import type { Block } from './blocks.ts';

/** Tells instances of each other's blocks. None of it rejects or waits: what cannot be told holds here alone. */
export interface BlockShare {
  blocked(block: Block): void;
  cleared(id: string): void;
  /** Told of what others blocked and cleared, and of all that holds when others could be asked again. Returns the end of it. */
  watch(news: { readonly blocked: (block: Block) => void; readonly cleared: (id: string) => void }): () => void;
  /** Idempotent. */
  close(): Promise<void>;
}

const nothing = (): void => undefined;

/** For an instance that is the only one. */
export const unshared: BlockShare = {
  blocked: nothing,
  cleared: nothing,
  watch: () => nothing,
  close: async () => undefined,
};
