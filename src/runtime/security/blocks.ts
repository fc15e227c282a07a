import type { Clock } from '../../clock.ts';
import type { Signal, Source } from './signals.ts';

/** A source that is refused for a while. */
export interface Block {
  /** Of its source: the same at all instances that refuse it. */
  readonly id: string;
  readonly source: Source;
  readonly why: Signal;
  /** ms since 1970. */
  readonly since: number;
  readonly until: number;
}

export interface Blocks {
  /** A source has one block: a longer one takes the place of a shorter one. False where it has one that is as long. */
  add(block: Block): boolean;
  find(source: Source): Block | undefined;
  /** Those that hold, newest first. */
  list(): readonly Block[];
  /** False when there is none of this id. */
  remove(id: string): boolean;
}

/** More at once, and the oldest is lifted: an attacker with many addresses must not fill the memory. */
const mostBlocks = 1_000;

const keyOf = ({ kind, value }: Source): string => `${kind} ${value}`;

export function createBlocks(clock: Pick<Clock, 'now'>): Blocks {
  const blocks = new Map<string, Block>();
  const holds = ({ until }: Block): boolean => until > clock.now();

  function sweep(): void {
    for (const [key, block] of blocks) if (!holds(block)) blocks.delete(key);
    for (const oldest of blocks.keys()) {
      if (blocks.size <= mostBlocks) break;
      blocks.delete(oldest);
    }
  }
  return {
    add(block) {
      const key = keyOf(block.source);
      if ((blocks.get(key)?.until ?? 0) >= block.until) return false;
      blocks.delete(key);
      blocks.set(key, block);
      sweep();
      return true;
    },
    find(source) {
      const block = blocks.get(keyOf(source));
      return block && holds(block) ? block : undefined;
    },
    list: () => [...blocks.values()].filter(holds).toReversed(),
    remove(id) {
      const found = [...blocks].find(([, block]) => block.id === id && holds(block));
      return found !== undefined && blocks.delete(found[0]);
    },
  };
}
