import type { PhoneCommands, PhoneEvent, PhoneOptions } from './types.ts';

/** To the process of the phones. `advanced` serialization carries PCM as it is. */
export type ToPhones =
  | { readonly type: 'create'; readonly request: number; readonly phone: number; readonly options: PhoneOptions }
  | {
      readonly type: 'command';
      readonly request: number;
      readonly phone: number;
      readonly name: keyof PhoneCommands;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'close' };

/** And back. */
export type FromPhones =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly phone: number; readonly event: PhoneEvent }
  | { readonly type: 'done'; readonly request: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly request: number; readonly message: string };
