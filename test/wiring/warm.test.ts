import { expect, test } from 'vitest';
import type { Emulators } from '../../emulators/all.ts';
import { createInProcessRoom, type InProcessRoom } from '../../src/adapters/in-process/room.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { createLogger, type LogFields, type Logger } from '../../src/runtime/log.ts';
import { readWebhook, type LivekitWebhook } from '../../src/runtime/livekit-webhook.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { openInstance, type Instance } from '../../src/wiring/instance.ts';
import { inProcessBed, inProcessLines, testerWith } from '../support/in-process-bed.ts';
import { expectNoUnhandledRejections } from '../support/unhandled.ts';
import { joinedBody } from '../support/webhooks.ts';

expectNoUnhandledRejections();

const tester = testerWith();

/** Real time that can be made to jump. */
function jumpingClock(): Clock & { jump(ms: number): void } {
  let ahead = 0;
  return { ...systemClock, now: () => systemClock.now() + ahead, jump: (ms) => void (ahead += ms) };
}

interface World {
  readonly emulators: Emulators;
  readonly clock: ReturnType<typeof jumpingClock>;
  readonly warnings: readonly LogFields[];
  open(): Promise<Instance>;
  /** A caller comes into a room, and rings there until answered. */
  ring(instance: Instance): Promise<ReturnType<InProcessRoom['call']>>;
  opened(vendor: 'openai' | 'cartesia'): number;
}

/** Instances on emulated vendors and in-process rooms, one after the other on one data folder. */
async function openWorld(): Promise<World> {
  const instances: Instance[] = [];
  const { emulators, ...settings } = await inProcessBed({}, () => Promise.all(instances.map((each) => each.close())));
  const clock = jumpingClock();
  const room = createInProcessRoom({ clock, callerKey: 'SCL_abc' });
  const lines = inProcessLines(room);
  const warnings: LogFields[] = [];
  const log: Logger = { ...createLogger({ level: 'silent' }), warn: (fields) => void warnings.push(fields) };
  return {
    emulators,
    clock,
    warnings,
    async open() {
      const instance = await openInstance({
        ...settings,
        agents: [tester],
        lines,
        posture: openPosture(log),
        clock,
        log,
      });
      instances.push(instance);
      return instance;
    },
    async ring(instance) {
      const caller = room.call({ identity: 'sip_+15550123', callId: 'SCL_abc' });
      await instance.intake.receive(readWebhook(joinedBody()) as LivekitWebhook);
      return caller;
    },
    opened: (vendor) => emulators[vendor].journal.entries({ type: 'connection.opened' }).length,
  };
}

const said = ({ cartesia }: Emulators, text: string) =>
  cartesia.journal.waitFor((entry) => entry.type === 'speech.generated' && `${entry['text']}`.includes(text));

test('an instance whose phrases are on disk has connected to model and voice before it takes calls', async () => {
  const { open, opened, emulators } = await openWorld();
  await (await open()).close();
  const before = [opened('openai'), opened('cartesia')];
  const spoken = emulators.cartesia.journal.entries({ type: 'context.opened' }).length;
  const sockets = emulators.cartesia.journal.entries({ type: 'socket.opened' }).length;
  await open();
  expect([opened('openai'), opened('cartesia')]).toEqual(before.map((count) => count + 1));
  expect(emulators.cartesia.journal.entries({ type: 'socket.opened' })).toHaveLength(sockets + 1);
  expect(emulators.cartesia.journal.entries({ type: 'context.opened' })).toHaveLength(spoken);
});

test('an instance starts without its vendors, and its log says what was wrong with each', async () => {
  const { emulators, open, warnings } = await openWorld();
  emulators.openai.faults.add({ kind: 'status', status: 401 });
  emulators.cartesia.faults.add({ kind: 'refuse' });
  const instance = await open();
  expect(instance.troubles()).toEqual([]);
  expect(warnings).toMatchObject([
    { code: 'ears.alone', agent: 'tester', vendor: 'deepgram' },
    { code: 'vendor.cold', failure: { vendor: 'openai', class: 'auth', httpStatus: 401 } },
    { code: 'vendor.cold', failure: { vendor: 'cartesia', class: 'network', errno: 'ECONNREFUSED' } },
    { code: 'clips.missing', agent: 'tester' },
  ]);
});

test('the first words of a call after four idle minutes find a socket that was opened while it rang', async () => {
  const { clock, emulators, open, ring, opened } = await openWorld();
  const instance = await open();
  const { journal } = emulators.cartesia;
  const idle = journal.entries({ type: 'socket.opened' }).length;
  clock.jump(240_000);
  const caller = await ring(instance);
  await journal.waitFor(() => journal.entries({ type: 'socket.opened' }).length > idle);
  const socket = journal.entries({ type: 'socket.opened' }).at(-1)!['connection'];
  const connections = opened('cartesia');
  caller.answer();
  await said(emulators, 'I am an AI.');
  expect(journal.entries({ type: 'context.opened' }).at(-1)).toMatchObject({ connection: socket });
  expect(opened('cartesia')).toBe(connections);
  caller.hangUp();
});

test('a call that rings while the vendors are gone is taken all the same, and speaks when they are back', async () => {
  const { clock, emulators, open, ring } = await openWorld();
  const instance = await open();
  emulators.cartesia.faults.add({ kind: 'refuse' });
  emulators.openai.faults.add({ kind: 'hang', at: 'handshake', times: 1 });
  clock.jump(240_000);
  const caller = await ring(instance);
  await emulators.openai.journal.waitFor(({ type }) => type === 'fault.applied');
  emulators.cartesia.faults.clear();
  caller.answer();
  await said(emulators, 'I am an AI.');
  caller.hangUp();
});
