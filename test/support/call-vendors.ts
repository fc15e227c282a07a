import type { CallWorld } from './call-world.ts';

/** Work of calls that is still going on at a vendor, one line each. */
export function leftAtVendors({ emulators: { deepgram, openai, cartesia } }: Pick<CallWorld, 'emulators'>): string[] {
  const pairs = [
    [deepgram.journal, 'stream.opened', 'stream.closed', 'connection'],
    [openai.journal, 'completion.asked', 'completion.ended', 'id'],
    [cartesia.journal, 'context.opened', 'context.ended', 'context'],
  ] as const;
  return pairs.flatMap(([journal, began, ended, key]) => {
    const over = new Set(journal.entries({ type: ended }).map((entry) => entry[key]));
    return journal
      .entries({ type: began })
      .flatMap((entry) => (over.has(entry[key]) ? [] : [`${began} ${String(entry[key])}`]));
  });
}

/** Connections that the vendors hold. */
export const openConnections = ({ emulators: { deepgram, openai, cartesia } }: Pick<CallWorld, 'emulators'>): number =>
  [deepgram, openai, cartesia].reduce((sum, { journal }) => {
    const opened = journal.entries({ type: 'connection.opened' }).length;
    return sum + opened - journal.entries({ type: 'connection.closed' }).length;
  }, 0);
