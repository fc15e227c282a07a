import type { IngressAsked, IngressChangeAsked, IngressRequest, IngressRules } from '../ingress.ts';
import { ingressSchemas } from '../ingress.ts';
import { isOwnRoom } from '../fields.ts';
import { ControlError, notPassedOn } from './control-error.ts';
import type { Ingresses, IngressSummary, NewIngress, SourceProbe } from './ingresses.ts';
import { read } from './room-input.ts';
import type { Rooms } from './rooms.ts';
import { createTurns } from './turns.ts';

export interface GuardedIngressesOptions {
  readonly ingresses: Ingresses;
  readonly rooms: Pick<Rooms, 'participants'>;
  readonly probe: SourceProbe;
  readonly rules: IngressRules;
}

/** Ingresses for who may ask for anything: only into rooms of ours, only from where media may be pulled; others' are not seen. */
export interface GuardedIngresses extends Omit<Ingresses, 'create' | 'made' | 'update'> {
  create(request: IngressAsked): Promise<NewIngress>;
  update(id: string, change: IngressChangeAsked): Promise<IngressSummary>;
}

/** Looking at an address from outside takes seconds, and a socket. */
const mostWaiting = 20;

/** Reads what is asked for before LiveKit sees it, and makes no ingress twice. */
export function guardIngresses({ ingresses, rooms, probe, rules }: GuardedIngressesOptions): GuardedIngresses {
  const schemas = ingressSchemas(rules);
  const turns = createTurns({ most: mostWaiting, what: 'ingresses' });

  async function own(id: string): Promise<IngressSummary> {
    const found = await ingresses.get(read(schemas.id, id, 'id'));
    if (!isOwnRoom(rules.rooms, found.room)) throw refusal('not_found', 'there is no such ingress in rooms of ours');
    return found;
  }

  async function unlessTaken(room: string, identity: string, except?: string): Promise<void> {
    const other = (await ingresses.list(room)).find((each) => each.identity === identity && each.id !== except);
    // Of two participants with one identity LiveKit puts out the one who was there.
    if (other) throw refusal('refused', `ingress ${other.id} publishes as this identity in this room`, 'identity');
    const there = await rooms.participants(room);
    if (there.some((each) => each.identity === identity && each.kind !== 'ingress'))
      throw refusal('refused', 'somebody in this room has this identity', 'identity');
  }

  /** LiveKit is given the address that was looked at: where the redirects ended. */
  async function looked(request: IngressRequest): Promise<IngressRequest> {
    if (request.input !== 'url') return request;
    const found = await probe.look(request.url);
    if ('problem' in found) throw notPassedOn('invalid', `ingress.url: ${found.problem}`, 'url');
    return { ...request, url: found.url };
  }

  async function make(request: IngressRequest): Promise<NewIngress> {
    await unlessTaken(request.room, request.identity);
    try {
      return await ingresses.create(request);
    } catch (error) {
      const found = isUnknown(error) ? await ingresses.made(request).catch(() => undefined) : undefined;
      if (found) return found;
      throw error;
    }
  }

  return {
    async create(asked) {
      const request = read(schemas.create, asked, 'ingress');
      return turns.take(request.room, async () => make(await looked(request)));
    },
    async update(id, asked) {
      const change = read(schemas.change, asked, 'change');
      const { room, identity } = await own(id);
      const moved = { room: change.room ?? room, identity: change.identity ?? identity };
      return turns.take(moved.room, async () => {
        if (moved.room !== room || moved.identity !== identity) await unlessTaken(moved.room, moved.identity, id);
        return ingresses.update(id, change);
      });
    },
    async list(room) {
      const found = await ingresses.list(room === undefined ? room : read(schemas.room, room, 'room'));
      return found.filter((each) => isOwnRoom(rules.rooms, each.room));
    },
    get: own,
    async delete(id) {
      await own(id);
      await ingresses.delete(id);
    },
  };
}

const isUnknown = (error: unknown): boolean => error instanceof ControlError && error.maybeDone;

const refusal = (code: 'not_found' | 'refused', message: string, field?: string): ControlError =>
  new ControlError(
    code,
    { vendor: 'livekit', phase: 'rest', class: 'api', sub: 'config', retryable: false, message },
    field === undefined ? {} : { field },
  );
