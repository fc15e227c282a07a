import type { Problem } from './problem.ts';
import type { Caller } from './route.ts';

/** Tells who asks. */
export interface Guard {
  /** The holder of the key or session that came with a request, or why it is not believed. */
  identify(request: Request): Promise<Caller | Problem>;
}

/** Until there are keys: whoever reaches this machine. */
export const everybody: Guard = { identify: async () => ({ id: 'here', name: 'this machine', role: 'admin' }) };
