import { z } from 'zod';
import { closeCode, closeReason } from './close.ts';

const mostDelayMs = 600_000;

const shape = z
  .strictObject({
    kind: z.enum(['stall', 'deaf', 'close', 'garbage', 'error', 'reset']),
    connection: z.int().optional(),
    code: closeCode.optional(),
    reason: closeReason.optional(),
    /** So much later; default now. */
    inMs: z.number().min(0).max(mostDelayMs).optional(),
  })
  .refine(({ kind, code, reason }) => kind === 'close' || (code === undefined && reason === undefined), {
    message: 'only with kind "close"',
    path: ['code or reason'],
  });

/**
 * Something done to sockets that are open, now or `inMs` later: `stall` (sends nothing more), `deaf` (reads nothing more, so that what the
 * client sends piles up), `close` (`code`, `reason`), `garbage`, `error` (the vendor's own message), `reset` (TCP RST).
 */
export type Strike = Readonly<z.infer<typeof shape>>;

export interface Striking {
  readonly connection: number;
  strike(strike: Strike): void;
}

/** Sockets that are open, for `POST /strike`: all of them are hit, or one `connection`. */
export function createStrikes() {
  const open = new Set<Striking>();
  return {
    open,
    /** Throws an `Error` that names the field for a strike that is not allowed. Gives how many it hit. */
    strike(input: unknown): number {
      const result = shape.safeParse(input);
      if (!result.success) throw new Error(`not a strike: ${z.prettifyError(result.error)}`);
      const { connection, inMs } = result.data;
      const hit = [...open].filter((socket) => connection === undefined || socket.connection === connection);
      const strike = () => {
        for (const socket of hit) if (open.has(socket)) socket.strike(result.data);
      };
      if (inMs === undefined) strike();
      else setTimeout(strike, inMs).unref();
      return hit.length;
    },
  };
}
