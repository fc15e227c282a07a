import type { Probe } from '../../actors/probe.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { classifyHttp } from '../classify.ts';
import { askHttp, type HttpAnswer } from './http.ts';
import { createProbe } from './probe.ts';

export type Worker = 'sip-worker' | 'egress-worker' | 'ingress-worker';

/** The `health_port` of one of LiveKit's workers, at any path: 200 OK, 429 under load, 503 not started or stopped. */
export const workerProbe = (worker: Worker, url: string, clock: Clock): Probe =>
  createProbe({
    target: worker,
    operation: 'health port',
    vendor: worker,
    clock,
    async ask(signal) {
      const answer = await askHttp({ url, signal });
      return answer.status === 200 ? {} : { failure: failureIn(worker, answer) };
    },
  });

function failureIn(vendor: Worker, { status, body }: Pick<HttpAnswer, 'status' | 'body'>): Failure {
  const said = body.trim().slice(0, 80) || `HTTP ${status}`;
  return classifyHttp({ vendor, phase: 'rest', message: said, httpStatus: status });
}
