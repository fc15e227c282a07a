import type { Failure } from '../../failure.ts';
import { targets } from '../../targets.ts';
import type { CallNotice, Sighting, StatusChange } from '../notices.ts';
import { counter, gauge, histogram } from './definition.ts';
import { rpcs } from './livekit-rpcs.ts';
import type { Metrics } from './metrics.ts';
import { vendors } from './vendors.ts';

/** How something that was asked for went: by the path of recovery that its failure belongs to; `refused`: whoever asked was at fault. */
const result = ['ok', 'refused', 'auth', 'api', 'sip', 'network'] as const;
const operation = ['stt', 'model', 'voice'] as const;
const target = targets;
const apiSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10];
const vendorSeconds = [0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10];

export const targetMetrics = {
  voicechart_livekit_api_requests_total: counter('Requests to LiveKit’s API, by method and by how they went', {
    rpc: rpcs,
    result,
  }),
  voicechart_livekit_api_seconds: histogram('How long LiveKit’s API took, by method', apiSeconds, { rpc: rpcs }),
  voicechart_vendor_requests_total: counter('Streams and requests to vendors, by how they went', {
    vendor: vendors,
    operation,
    result,
  }),
  voicechart_vendor_first_result_seconds: histogram(
    'From asking a vendor to its first word, token or sound',
    vendorSeconds,
    {
      vendor: vendors,
      operation,
    },
  ),
  voicechart_call_failures_total: counter('Failures that calls met, by whose they were, when, and of which class', {
    vendor: [...vendors, 'livekit'],
    phase: ['connect', 'handshake', 'stream', 'rest'],
    class: ['auth', 'api', 'sip', 'network'],
  }),
  voicechart_probes_total: counter('Probes of the health watch, by how they went', { target, result }),
  voicechart_last_probe_seconds: gauge('How long the last look of the health watch took', { target }),
  voicechart_target_status: gauge('1 for the status that a target has, 0 for the others', {
    target,
    status: ['healthy', 'degraded', 'unhealthy'],
  }),
};

const known = new Set<string>(rpcs);
const isVendor = (name: string): boolean => vendors.some((each) => each === name);

/** Uses and probes of what the instance depends on. */
export const foldSightings =
  (metrics: Metrics) =>
  ({ target, by, operation, tookMs, failure }: Sighting): void => {
    const [result, seconds] = [resultOf(failure), tookMs / 1000];
    if (by === 'probe') {
      metrics.add('voicechart_probes_total', { target, result });
      metrics.set('voicechart_last_probe_seconds', { target }, seconds);
    }
    if (known.has(operation)) {
      metrics.add('voicechart_livekit_api_requests_total', { rpc: operation, result });
      metrics.observe('voicechart_livekit_api_seconds', { rpc: operation }, seconds);
    }
    if (by !== 'use' || !isVendor(target)) return;
    metrics.add('voicechart_vendor_requests_total', { vendor: target, operation, result });
    if (!failure) metrics.observe('voicechart_vendor_first_result_seconds', { vendor: target, operation }, seconds);
  };

const resultOf = (failure: Failure | undefined): string =>
  failure?.sub === 'config' && failure.class !== 'sip' ? 'refused' : (failure?.class ?? 'ok');

/** Failures as calls meet them. */
export const foldFailures =
  (metrics: Metrics) =>
  ({ draft }: CallNotice): void => {
    if (draft.kind !== 'event') return;
    const failure = draft.data['failure'] as Partial<Failure> | undefined;
    if (typeof failure?.vendor !== 'string') return;
    const { vendor, phase = '', class: kind = '' } = failure;
    metrics.add('voicechart_call_failures_total', { vendor, phase, class: kind });
  };

const statuses = targetMetrics.voicechart_target_status.labels.status;

/** The status of each target that has one. */
export const foldStatuses =
  (metrics: Metrics) =>
  ({ target, status: now }: StatusChange): void => {
    for (const status of statuses) metrics.set('voicechart_target_status', { target, status }, status === now ? 1 : 0);
  };
