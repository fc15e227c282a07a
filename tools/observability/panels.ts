import { calls, glance, turns } from './call-panels.ts';
import { livekit, vendors } from './other-panels.ts';
import { doors, health, process } from './own-panels.ts';
import type { Row } from './panel.ts';

export const rows: readonly Row[] = [glance, calls, turns, vendors, livekit, doors, health, process];
