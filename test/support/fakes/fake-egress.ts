import type { Egress } from '../../../src/actors/egress.ts';
import {
  type EgressInfo,
  type EgressOrder,
  type EgressStatus,
  hasEnded,
  roomOf,
  shownOrder,
} from '../../../src/egress.ts';
import { ControlError, type ControlCode } from '../../../src/runtime/control-error.ts';

/** How the next start goes: `silent` begins it and says that it may have, `hangs` begins it and says nothing, `lost` does neither. */
type Manner = 'answers' | 'silent' | 'hangs' | 'lost' | ControlCode;

export interface FakeEgress {
  readonly egress: Egress;
  /** Requests that came, by name. */
  readonly asked: string[];
  readonly orders: readonly EgressOrder[];
  /** Of the next starts. */
  manner(next: Manner): void;
  /** While it is true nothing can be listed or ended. */
  down(isDown: boolean): void;
  /** All there are, as LiveKit has them. */
  all(): readonly EgressInfo[];
  /** What becomes of one; `gone`: it is in no list any more. */
  becomes(egressId: string, next: EgressStatus | 'gone', more?: Partial<EgressInfo>): EgressInfo | undefined;
}

const refusal = (code: ControlCode, maybeDone = false): ControlError =>
  new ControlError(
    code,
    { vendor: 'livekit', phase: 'rest', class: 'api', sub: 'config', retryable: false, message: `Egress: ${code}` },
    { maybeDone },
  );

/** A recorder in memory, which passes the contract that LiveKit's passes. Rooms and tracks are there unless named `nowhere`. */
export function createFakeEgress(now: () => number): FakeEgress {
  const there = new Map<string, EgressInfo>();
  const asked: string[] = [];
  const orders: EgressOrder[] = [];
  let manner: Manner = 'answers';
  let isDown = false;
  let serial = 0;

  const find = (egressId: string): EgressInfo => {
    if (isDown) throw refusal('unavailable', true);
    const info = there.get(egressId);
    if (!info) throw refusal('not_found');
    return info;
  };
  const put = (info: EgressInfo): EgressInfo => {
    there.set(info.egressId, info);
    return info;
  };
  const running = (egressId: string): EgressInfo => {
    const info = find(egressId);
    if (hasEnded(info.status)) throw refusal('refused');
    return info;
  };

  const egress: Egress = {
    async start(order) {
      asked.push('start');
      orders.push(order);
      if (manner === 'lost') throw refusal('timeout', true);
      if (roomOf(order.source) === 'nowhere') throw refusal('not_found');
      if (manner !== 'answers' && manner !== 'silent' && manner !== 'hangs')
        throw refusal(manner, manner === 'unavailable');
      const info = put(begun(order, `EG_${(serial += 1)}`, now()));
      if (manner === 'hangs') return new Promise(() => undefined);
      if (manner === 'silent') throw refusal('timeout', true);
      return info;
    },
    async list(which) {
      asked.push('list');
      if (isDown) throw refusal('unavailable', true);
      return [...there.values()].filter((info) =>
        'egressId' in which ? info.egressId === which.egressId : info.room === which.room,
      );
    },
    async stop(egressId) {
      asked.push('stop');
      return put({ ...running(egressId), status: 'ending' });
    },
    async updateLayout(egressId) {
      asked.push('updateLayout');
      return running(egressId);
    },
    async updateStream(egressId, { add }) {
      asked.push('updateStream');
      const info = running(egressId);
      const streams = add.map((url) => ({ url: `${url.slice(0, 8)}…`, status: 'active' }));
      return put({ ...info, streams: [...info.streams, ...streams] });
    },
  };
  return {
    egress,
    asked,
    orders,
    manner: (next) => void (manner = next),
    down: (next) => void (isDown = next),
    all: () => [...there.values()],
    becomes(egressId, next, more = {}) {
      const info = there.get(egressId)!;
      if (next === 'gone') return void there.delete(egressId);
      return put({ ...info, status: next, updatedAtMs: now(), ...more });
    },
  };
}

function begun(order: EgressOrder, egressId: string, at: number): EgressInfo {
  const { source, outputs } = shownOrder(order);
  return {
    egressId,
    status: 'starting',
    kind: source.kind,
    room: roomOf(source),
    paths: outputs.flatMap((output) => ('path' in output ? [output.path] : [])),
    startedAtMs: 0,
    endedAtMs: 0,
    updatedAtMs: at,
    files: [],
    streams: [],
  };
}
