import type { IngressChange, IngressRequest } from '../../../src/ingress.ts';
import { ControlError } from '../../../src/runtime/control-error.ts';
import type { Ingresses, IngressSummary, NewIngress } from '../../../src/runtime/ingresses.ts';
import { Secret } from '../../../src/secret.ts';

export interface FakeIngresses {
  readonly ingresses: Ingresses;
  /** Requests that came, by name. */
  readonly asked: string[];
  /** The next creation is carried out, or not, and its answer lost. */
  loseNext(outcome: 'carried out' | 'not carried out'): void;
  /** Others' too: whatever the room. */
  put(request: IngressRequest): NewIngress;
}

const refusal = (code: 'not_found' | 'invalid' | 'timeout', message: string, maybeDone = false): ControlError =>
  new ControlError(
    code,
    { vendor: 'livekit', phase: 'rest', class: 'api', sub: 'config', retryable: false, message },
    { maybeDone },
  );

const base = { rtmp: 'rtmp://ingress.example/live', whip: 'https://ingress.example/w' };

/** Ingresses in memory, as LiveKit has them when nobody sends. */
export function createFakeIngresses(): FakeIngresses {
  const held = new Map<string, NewIngress>();
  const asked: string[] = [];
  let serial = 0;
  let lost: 'carried out' | 'not carried out' | undefined;

  const find = (id: string): NewIngress => {
    const found = held.get(id);
    if (!found) throw refusal('not_found', 'ingress does not exist');
    return found;
  };
  const put = (request: IngressRequest): NewIngress => {
    const id = `IN_${(serial += 1)}`;
    const ingress = summaryOf(id, request);
    const made = request.input === 'url' ? { ingress } : { ingress, key: new Secret(`canary-key-${serial}`) };
    held.set(id, made);
    return made;
  };
  const list = (room?: string) =>
    [...held.values()].map(({ ingress }) => ingress).filter((each) => room === undefined || each.room === room);

  const ingresses: Ingresses = {
    async create(request) {
      const outcome = lost;
      lost = undefined;
      const made = outcome === 'not carried out' ? undefined : put(request);
      if (outcome !== undefined || made === undefined) throw refusal('timeout', 'no answer in time', true);
      return made;
    },
    made: async (request) =>
      [...held.values()].find(
        ({ ingress }) =>
          ingress.room === request.room &&
          ingress.identity === request.identity &&
          ingress.name === request.name &&
          ingress.input === request.input,
      ),
    async update(id, change) {
      const found = find(id);
      if (found.ingress.input === 'url') throw refusal('invalid', 'ingress is not reusable and cannot be modified');
      const ingress = { ...found.ingress, ...clean(change) };
      held.set(id, { ...found, ingress });
      return ingress;
    },
    list: async (room) => list(room),
    get: async (id) => find(id).ingress,
    async delete(id) {
      find(id);
      held.delete(id);
    },
  };
  return {
    asked,
    put,
    loseNext: (outcome) => void (lost = outcome),
    ingresses: new Proxy(ingresses, {
      get: (target, name: keyof Ingresses) => {
        const method = target[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => (asked.push(name), method(...args));
      },
    }),
  };
}

const clean = ({ metadata, ...change }: IngressChange): Partial<IngressSummary> => ({
  ...change,
  ...(metadata && { metadata: JSON.stringify(metadata) }),
});

function summaryOf(id: string, request: IngressRequest): IngressSummary {
  const { input, name, room, identity, participantName = '', metadata, audio, video } = request;
  return {
    id,
    name,
    input,
    room,
    identity,
    participantName,
    metadata: metadata ? JSON.stringify(metadata) : '',
    url: input === 'url' ? request.url : base[input],
    enabled: input === 'url' || request.enabled,
    transcode: input !== 'whip' || request.transcode,
    ...(audio && { audio }),
    ...(video && { video }),
    state: 'inactive',
  };
}
