import type { Emulators } from '../../emulators/all.ts';
import type { InstanceAccess } from '../stack/access.ts';
import type { DemoPhone } from './caller.ts';

/** Everything a call needs on this machine. */
export interface World {
  readonly kind: 'livekit-server' | 'in-process';
  readonly api: string;
  readonly access: InstanceAccess;
  readonly emulators: Emulators;
  /** Phones in; resolves when it rings. */
  dial(room: string, from: string): Promise<DemoPhone>;
  close(): Promise<void>;
}

/** The number that is called. */
export const dialled = '+15550100';
