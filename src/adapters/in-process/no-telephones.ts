import type { Dialer } from '../../actors/dialer.ts';
import type { Transfer } from '../../actors/transfer.ts';

const noTelephones = { result: 'failed', message: 'there are no telephones here' } as const;

/** Where no gateway is: nobody is called, and nobody put through. */
export const inProcessTelephones: { readonly dialer: Dialer; readonly transfer: Transfer } = {
  dialer: { dial: async () => noTelephones, find: async () => 'nowhere' },
  transfer: { refer: async () => noTelephones },
};
