import type { StoreTrouble } from '../../runtime/call-store.ts';
import type { Operations } from './operations.ts';

/** From the process to its database thread. */
export interface Question {
  readonly id: number;
  readonly op: keyof Operations | 'close';
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: StoreTrouble; readonly message: string } };

/** From the database thread: first how opening went, then answers batch by batch. */
export type WorkerNews =
  | { readonly opened: true }
  | { readonly opened: false; readonly failed: string; readonly locked: boolean }
  | { readonly answers: readonly Answer[] };
