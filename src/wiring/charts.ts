import { bareCall } from '../machines/call/call.machine.ts';
import { bareRecovery } from '../machines/recovery/recovery.machine.ts';
import { bareReply } from '../machines/reply/reply.machine.ts';
import { type Chart, chartOf } from '../runtime/chart.ts';

/** The machines that the console draws. */
export const drawnCharts = (): readonly Chart[] => [bareCall, bareReply, bareRecovery].map(chartOf);
