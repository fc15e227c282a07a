import type { Glance, Probe, Probes } from '../../actors/probe.ts';
import type { Clock } from '../../clock.ts';
import type { ApiKey } from '../../key-ring.ts';
import { ControlError } from '../../runtime/control-error.ts';
import type { Target } from '../../targets.ts';
import { classifyHttp } from '../classify.ts';
import { createLivekitApi } from '../livekit/api/api.ts';
import { oneShotToken } from '../livekit/api/one-shot-token.ts';
import { askHttp } from './http.ts';
import { createProbe } from './probe.ts';

export interface LivekitProbesOptions {
  /** Where LiveKit is; asked for each look. */
  readonly url: () => string;
  /** Asked for each look: a key that was changed signs the next one. */
  readonly key: () => ApiKey;
  readonly clock: Clock;
}

const nobody = 'voicechart-probe-no-room-has-this-name';
const vendor = 'livekit';

/**
 * LiveKit's four services by their cheapest reads, and whether it lets clients in. The reads prove the service and its Redis, not
 * that a worker is behind it. They go over a pool of their own, and none waits for a breaker: they are how it is found out.
 */
export function livekitProbes({ url, key, clock }: LivekitProbesOptions): Probes {
  const { rooms, egress, ingress, sip, close } = createLivekitApi({ url, key, clock, breaks: false });
  const rpc = (target: Target, operation: string, read: () => Promise<unknown>): Probe =>
    createProbe({ target, operation, vendor, clock, ask: () => glanceOf(read) });
  return {
    probes: [
      rpc('livekit-room', 'ListRooms', () => rooms.listRooms([nobody])),
      rpc('livekit-egress', 'ListEgress', () => egress.listEgress({ roomName: nobody, active: true })),
      rpc('livekit-ingress', 'ListIngress', () => ingress.listIngress({ roomName: nobody })),
      rpc('livekit-sip', 'ListSIPInboundTrunk', () => sip.listSipInboundTrunk({ numbers: [nobody] })),
      connectProbe({ url, key, clock }),
    ],
    close,
  };
}

async function glanceOf(read: () => Promise<unknown>): Promise<Partial<Glance>> {
  try {
    await read();
    return {};
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // A server without a Redis of its own has rooms and nothing else.
    return error.code === 'unsupported' ? { absent: 'this LiveKit does not offer it' } : { failure: error.failure };
  }
}

/** Asks whether a token would be let in, without joining. The token goes in a header: addresses are written into logs. */
const connectProbe = ({ url, key, clock }: LivekitProbesOptions): Probe =>
  createProbe({
    target: 'livekit-connect',
    operation: 'rtc/validate',
    vendor,
    clock,
    async ask(signal) {
      const token = await oneShotToken(key(), { video: { roomJoin: true, room: nobody } }, clock.now(), nobody);
      const headers = { authorization: `Bearer ${token}` };
      const validate = `${url().replace(/^ws/, 'http').replace(/\/$/, '')}/rtc/validate`;
      const { status, body } = await askHttp({ url: validate, headers, signal });
      // Where rooms are not made by joining, it says so once it has believed the token.
      if (status === 200 || (status === 404 && /room/i.test(body))) return {};
      const message = body.trim().slice(0, 2000) || `HTTP ${status}`;
      return { failure: classifyHttp({ vendor, phase: 'rest', httpStatus: status, message }) };
    },
  });
