import type { Glance, Probe } from '../../actors/probe.ts';
import type { Clock } from '../../clock.ts';
import type { Address } from '../../config.ts';
import type { Failure } from '../../failure.ts';
import { errnoOf, failureOf, type Sort } from '../classify.ts';
import { askOptions } from '../sip/options.ts';
import { createProbe } from './probe.ts';

export interface SipGatewayProbeOptions {
  readonly address: Address;
  readonly clock: Clock;
  /** Names one question; random. */
  readonly id: () => string;
}

/** OPTIONS over UDP: livekit-sip answers it even when it is too busy for calls. All its failures are of the class `sip`. */
export const sipGatewayProbe = ({ address, clock, id }: SipGatewayProbeOptions): Probe =>
  createProbe({
    target: 'sip-gateway',
    operation: 'OPTIONS',
    vendor: 'sip-gateway',
    clock,
    class: 'sip',
    // Sent at 0, 0.5 and 1.5 s: two packets may be lost.
    withinMs: 3500,
    async ask(signal) {
      try {
        return glanceOf(await askOptions(address, { callId: id(), clock, signal }));
      } catch (error) {
        const errno = errnoOf(error);
        const said = `does not answer OPTIONS: ${errno ?? (error as Error).message}`;
        return failed('network', said, errno === undefined ? {} : { errno });
      }
    },
  });

/** Of a status line. */
function glanceOf(statusLine: string): Partial<Glance> {
  const status = /^SIP\/2\.0 (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) return failed('garbage', 'is no SIP server: it does not speak SIP');
  if (status.startsWith('2')) return {};
  return failed('server', `answers OPTIONS with ${statusLine.slice('SIP/2.0 '.length, 60)}`, { vendorCode: status });
}

const failed = (sort: Sort, message: string, facts: Partial<Failure> = {}): Partial<Glance> => ({
  failure: failureOf(sort, { vendor: 'sip-gateway', phase: 'rest', message }, facts),
});
