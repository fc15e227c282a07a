import type { Redis } from 'ioredis';
import { mailboxLimit, roomOpenedBy, StoreUnavailable } from '../../runtime/call-store.ts';
import type { CallEvent, CallStore, Mail, OpenCall, Owning } from '../../runtime/call-store.ts';
import { type ChangeAnswer, committing, type RecordChange, recordOf } from '../../runtime/record-parts.ts';
import type { Asking } from './asking.ts';
import * as scripts from './call-store-scripts.ts';
import { keys } from './keys.ts';
import { createScript } from './script.ts';
import type { Wakes } from './wakes.ts';

export interface RedisPart {
  readonly redis: Redis;
  readonly ask: Asking;
  /** Writes what may not be lost. */
  readonly sure: Asking;
  readonly wakes: Wakes;
}

/** Open calls that are listed by one question to Redis. */
const pageLength = 500;

/** The `CallStore` of all processes that have this database of a Redis. What decides by time does so by the time of Redis. */
export function createRedisStore({ redis, ask, sure, wakes }: RedisPart): CallStore {
  const [ingest, claim, begin] = [scripts.ingest, scripts.claim, scripts.begin].map((lua) => createScript(redis, lua));
  const [release, commit, end] = [scripts.release, scripts.commit, scripts.end].map((lua) => createScript(redis, lua));

  const records = committing((change) =>
    sure(() => commit!(recordKeys(change.callKey), changeValues(change)) as Promise<ChangeAnswer>),
  );
  async function takeIn(event: CallEvent): Promise<'stored' | 'duplicate' | 'ended'> {
    const values = ingestValues(event, wakes);
    const answer = await sure(() => ingest!(ingestKeys(event), values));
    if (answer === 'full') throw new StoreUnavailable('full', `a call's mailbox holds ${mailboxLimit} letters`);
    if (answer === 'stored') wakes.wake(event.callKey);
    return answer as 'stored' | 'duplicate' | 'ended';
  }
  async function page(callKeys: readonly string[]): Promise<OpenCall[]> {
    const asked = redis.pipeline();
    for (const callKey of callKeys) asked.hmget(keys.call(callKey), 'room', 'epoch', 'record_seq');
    const found = (await asked.exec()) ?? [];
    return found.flatMap(([error, fields], index) => {
      if (error) throw error;
      return openCall(callKeys[index]!, fields as readonly (string | null)[]);
    });
  }

  return {
    ingest: takeIn,
    mail: async (callKey, after) =>
      (await ask(() => redis.zrangebyscore(keys.mail(callKey), `(${after}`, '+inf'))).map(letterOf),
    watchMail: wakes.add,
    async claim(callKey) {
      const owning = owningOf(await sure(() => claim!([keys.call(callKey)], [])));
      if (owning) await ask(() => begin!([keys.call(callKey)], [owning.epoch]));
      return owning;
    },
    release: (callKey, epoch) => sure(() => release!([keys.call(callKey)], [epoch]) as Promise<'released' | 'fenced'>),
    load: async (callKey) => recordOf(await ask(() => redis.hgetall(keys.record(callKey)))),
    commit: records.commit,
    list: () =>
      ask(async () => {
        const all = await redis.zrange(keys.open, '0', '-1');
        const pages = Array.from({ length: Math.ceil(all.length / pageLength) }, (_, n) =>
          page(all.slice(n * pageLength, (n + 1) * pageLength)),
        );
        return (await Promise.all(pages)).flat();
      }),
    openIn: (room) => ask(() => redis.zrange(keys.room(room), '0', '-1')),
    async end(callKey, epoch) {
      const answer = await sure(() => end!(endKeys(callKey), [epoch, callKey]));
      records.forget(callKey);
      return answer as 'ended' | 'fenced';
    },
  };
}

/** Keys of a script that takes in an event. */
export const ingestKeys = ({ callKey, fact }: Pick<CallEvent, 'callKey' | 'fact'>): readonly string[] => [
  keys.call(callKey),
  keys.mail(callKey),
  keys.seen(callKey),
  keys.ended(callKey),
  keys.open,
  keys.room(roomOpenedBy(fact) ?? ''),
  keys.position,
];

export const ingestValues = (event: CallEvent, wakes: Wakes): readonly string[] => [
  event.callKey,
  event.id,
  JSON.stringify(event),
  roomOpenedBy(event.fact) ?? '',
  wakes.channel(event.callKey),
  wakes.by,
];

const recordKeys = (callKey: string): readonly string[] => [
  keys.call(callKey),
  keys.record(callKey),
  keys.mail(callKey),
];

const endKeys = (callKey: string): readonly string[] => [...recordKeys(callKey), keys.ended(callKey), keys.open];

const changeValues = ({ epoch, seq, base, mailCursor, drop, put }: RecordChange): readonly (string | number)[] => [
  epoch,
  seq,
  base ?? '',
  mailCursor,
  drop.length,
  ...drop,
  ...Object.entries(put).flat(),
];

/** Position, a space, and the event as JSON. */
function letterOf(text: string): Mail {
  const at = text.indexOf(' ');
  return { position: Number(text.slice(0, at)), event: JSON.parse(text.slice(at + 1)) as CallEvent };
}

const owningOf = (answer: unknown): Owning | undefined => {
  if (!Array.isArray(answer)) return undefined;
  const [epoch, crashes] = answer as [number, number];
  return { epoch, crashes };
};

const openCall = (callKey: string, [room, epoch, seq]: readonly (string | null)[]): OpenCall[] =>
  room == null ? [] : [{ callKey, room, epoch: Number(epoch), hasRecord: seq != null }];
