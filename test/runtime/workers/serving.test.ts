import { expect, test } from 'vitest';
import type { Recorder, RecorderFact } from '../../../src/actors/record.ts';
import { calmPosture, type Posture } from '../../../src/posture.ts';
import type { Claim } from '../../../src/runtime/call-queue.ts';
import {
  type FromWorker,
  readFromWorker,
  type ToWorker,
  type VendorKey,
} from '../../../src/runtime/workers/messages.ts';
import { createRecorderDesk, createRemoteRecorders } from '../../../src/runtime/workers/recorders.ts';
import { createServing } from '../../../src/runtime/workers/serving.ts';

function world() {
  const sent: FromWorker[] = [];
  const claims: { readonly claim: Claim; readonly end: PromiseWithResolvers<void> }[] = [];
  const postures: Posture[] = [];
  const keys: VendorKey[] = [];
  const hosts = [{ callKey: 'r~a', value: () => 'talking' }];
  let left = false;
  const serving = createServing({
    send: (message) => void sent.push(message),
    flush: () => void sent.push({ type: 'told', notices: [], looks: [], sightings: [] }),
    run(claim) {
      const end = Promise.withResolvers<void>();
      claims.push({ claim, end });
      return end.promise;
    },
    calls: { running: () => hosts as never, command: async () => 'untimely' },
    recorders: { told: () => undefined },
    setPosture: (posture) => void postures.push(posture),
    setKey: ({ vendor, place }) => void keys.push({ vendor, place }),
    handOver: () => void postures.push(calmPosture),
    leave: () => void (left = true),
  });
  const hear = (message: ToWorker) => serving.hear(JSON.parse(JSON.stringify(message)));
  const run = (callKey: string, epoch: number) =>
    hear({ type: 'run', claim: { callKey, epoch, crashes: 1, attempt: 2, at: 50 } });
  return { serving, hear, run, sent, claims, postures, keys, hasLeft: () => left };
}

const settle = () => new Promise(setImmediate);

test('a claim is run with what is known of it, and what came of it is told after all that the call told', async () => {
  const { hear, run, claims, sent } = world();
  run('r~a', 3);
  const { claim, end } = claims[0]!;
  expect([claim.epoch, claim.crashes, claim.attempt, claim.confirmedAt()]).toEqual([3, 1, 2, 50]);
  hear({ type: 'confirmed', claims: [{ callKey: 'r~a', epoch: 3, at: 90 }] });
  hear({ type: 'confirmed', claims: [{ callKey: 'r~a', epoch: 2, at: 99 }] });
  expect(claim.confirmedAt()).toBe(90);
  hear({ type: 'lost', callKey: 'r~a', epoch: 2 });
  expect(claim.signal.aborted).toBe(false);
  hear({ type: 'lost', callKey: 'r~a', epoch: 3 });
  expect(claim.signal.aborted).toBe(true);
  claim.handOver();
  end.resolve();
  await settle();
  expect(sent.map(({ type }) => type)).toEqual(['told', 'settled']);
  expect(sent[1]).toEqual({ type: 'settled', callKey: 'r~a', epoch: 3, handedOver: true });
});

test('a handler that fails says why', async () => {
  const { run, claims, sent } = world();
  run('r~a', 1);
  claims[0]!.end.reject(new Error('no store'));
  await settle();
  expect(sent[1]).toMatchObject({ type: 'settled', error: 'Error: no store', handedOver: false });
});

test('what is no message of ours is no message; a posture, a key, a question and the wish to leave are', async () => {
  const { serving, hear, sent, postures, keys, hasLeft } = world();
  for (const odd of [undefined, 'run', { type: 'run' }, { type: 'stop' }, { type: 'confirmed', claims: 1 }])
    serving.hear(odd);
  hear({ type: 'posture', posture: { ...calmPosture, version: 4 } });
  hear({ type: 'vendor_key', vendor: 'groq', place: 1 });
  hear({ type: 'ask', id: 7, callKey: 'r~a' });
  hear({ type: 'ask', id: 8, callKey: 'r~a', command: { type: 'hang_up' } });
  hear({ type: 'hand_over' });
  hear({ type: 'leave' });
  await settle();
  expect(postures.map(({ version }) => version)).toEqual([4, 0]);
  expect(keys).toEqual([{ vendor: 'groq', place: 1 }]);
  expect(sent).toEqual([
    { type: 'answer', id: 7, value: 'talking' },
    { type: 'answer', id: 8, outcome: 'untimely' },
  ]);
  expect(hasLeft()).toBe(true);
  expect(readFromWorker({ type: 'settled', callKey: 'r~a' })).toBeUndefined();
});

test('R4.1 a recording is kept by the process that has the egresses; what becomes of it is told to the one that runs the call', () => {
  const facts: RecorderFact[] = [];
  const book: string[] = [];
  const reports: ((fact: RecorderFact) => void)[] = [];
  const recorder = ({ callKey }: { callKey: string }): Recorder => ({
    follow(wish, { signal }, told) {
      book.push(`follow ${callKey} ${JSON.stringify(wish)}`);
      reports.push((fact) => void (signal.aborted || told(fact)));
    },
    stop: () => void book.push(`stop ${callKey}`),
  });
  const remote = createRemoteRecorders((message) => desk.heard(message));
  const desk = createRecorderDesk(
    { recorder, callEnded: (callKey) => void book.push(`over ${callKey}`) },
    (callKey, fact) => remote.told(callKey, fact),
  );
  const own = remote.recorder({ callKey: 'r~a', room: 'r' });
  const stop = new AbortController();
  own.follow({ dual: true }, stop, (fact) => facts.push(fact));
  reports[0]!({ type: 'recording.started', egress: 'EG_1' });
  own.stop();
  stop.abort();
  reports[0]!({ type: 'recording.ended', ok: true });
  remote.callEnded('r~a');
  expect(facts).toEqual([{ type: 'recording.started', egress: 'EG_1' }]);
  expect(book).toEqual(['follow r~a {"dual":true}', 'stop r~a', 'over r~a']);
});

test('R4.1 a call that goes on elsewhere takes its recorder along: one that comes back has a new one', () => {
  const made: string[] = [];
  const followed: AbortSignal[] = [];
  const recorder = ({ callKey }: { callKey: string }): Recorder => {
    made.push(callKey);
    return { follow: (_wish, { signal }) => void followed.push(signal), stop: () => undefined };
  };
  const desk = createRecorderDesk({ recorder, callEnded: () => undefined }, () => undefined);
  const record = { type: 'record', callKey: 'r~a', room: 'r', wish: { dual: true } } as const;
  desk.heard(record);
  desk.left('r~a');
  desk.heard(record);
  expect([made, followed.map(({ aborted }) => aborted)]).toEqual([
    ['r~a', 'r~a'],
    [true, false],
  ]);
});
