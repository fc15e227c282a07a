import type { z } from 'zod';
import { settingsShape } from '../livekit/settings.ts';

/** What a number does and what becomes of a transfer: as the front has them, but for `no_tcp`, which no telephone can do. */
export const telephoneShape = settingsShape.pick({ callees: true, callee: true, transfers: true, transfer: true });

export type TelephoneSettings = z.infer<typeof telephoneShape>;
export type TelephoneSettingsInput = z.input<typeof telephoneShape>;
