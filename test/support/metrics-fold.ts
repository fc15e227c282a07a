import { createPrometheus } from '../../src/adapters/prometheus/metrics.ts';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import type { Metrics } from '../../src/runtime/metrics/metrics.ts';
import type { CallNotice } from '../../src/runtime/notices.ts';
import { sampleOf } from './metrics-page.ts';

/** Metrics that are read one figure at a time. */
export function openFigures() {
  const metrics = createPrometheus((error) => {
    throw error;
  });
  return {
    metrics,
    page: () => metrics.text(),
    /** Nothing: it was never taken down. */
    figure: async (name: string, labels: Readonly<Record<string, string>> = {}) =>
      sampleOf(await metrics.text(), name, labels),
  };
}

const call = { callKey: 'room-7/+15550100', room: 'room-7', epoch: 1, agent: 'tester' };

/** A call of which a fold is told. */
export function foldedCall(fold: (metrics: Metrics) => (notice: CallNotice) => void) {
  const figures = openFigures();
  const see = fold(figures.metrics);
  const told = (draft: LogDraft) => see({ call, draft });
  return {
    ...figures,
    event: (at: number, type: string, fields: object = {}) =>
      told({ at, kind: 'event', data: { to: 'call', type, ...fields } }),
    /** The call's machine is in the states whose paths end so. */
    state: (at: number, ...paths: readonly string[]) =>
      told({
        at,
        kind: 'state',
        data: { machine: 'call', value: {}, active: paths.map((path) => `call.live.${path}`) },
      }),
    /** One of its replies is. */
    reply: (at: number, path: string) =>
      told({ at, kind: 'state', data: { machine: 'reply', value: {}, active: [`reply.${path}`] } }),
    started: (at: number) => told({ at, kind: 'call', data: { what: 'started', room: call.room, agent: call.agent } }),
    restored: (at: number) => told({ at, kind: 'call', data: { what: 'restored', epoch: 2 } }),
    ended: (at: number, why: string) => told({ at, kind: 'call', data: { what: 'ended', why } }),
  };
}
