import { describe, expect, it } from 'vitest';
import { bareCall, callMachineVersion } from '../../src/machines/call/call.machine.ts';
import { freshContext } from '../../src/machines/call/context.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import type { CallRecord } from '../../src/runtime/call-store.ts';
import { rearm, restoredSnapshot } from '../../src/runtime/restore.ts';
import { upgraded } from '../../src/runtime/upgrade.ts';
import { createCallHarness, hotel } from '../support/call-harness.ts';
import { keepPresent, keptRecords, type KeptRecord } from '../support/call-records.ts';

/** The call goes on in the present version, from what another one saved. */
function goesOn({ at: startMs, ...kept }: KeptRecord) {
  const fresh = freshContext({ callKey: 'room~SCL_1', room: 'room', epoch: 2, agent: hotel, now: startMs });
  const from = upgraded(bareCall, kept as unknown as CallRecord, fresh, startMs);
  const call = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, from), startMs });
  rearm(call.actor, from.timers, startMs);
  call.send({ type: 'call.restored', epoch: 2 });
  return call;
}

const versions = [...new Set(keptRecords().map(({ version }) => version))];

describe('what earlier versions of the machine saved', () => {
  it('S3 is kept of each, the present one among them', async () => {
    expect(await keepPresent(), 'it was missing and is written now: commit it with the new version').toBe(true);
    expect(versions).toContain(String(callMachineVersion));
    expect(versions.length).toBeGreaterThan(3);
  });

  it.each(versions)('S3 version %s is gone on from in every state, with its history and its consent', (version) => {
    for (const kept of keptRecords().filter((each) => each.version === version)) {
      const call = goesOn(kept);
      const where = JSON.stringify(kept.value);
      expect(call.errors, where).toEqual([]);
      const { history, recording } = kept.context;
      expect(call.context().history.slice(0, history.length), where).toEqual(history);
      expect(call.context().recording, where).toEqual(recording);
      expect(call.actor.getSnapshot().status, where).toBe('active');
      call.actor.stop();
    }
  });

  it.each(versions)('S1 version %s comes to an end when nothing more happens', async (version) => {
    for (const kept of keptRecords().filter((each) => each.version === version)) {
      const call = goesOn(kept);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(delaysMs.lineBudget + 10_000);
      expect(call.states(), JSON.stringify(kept.value)).toEqual(['ended']);
      expect(call.running()).toEqual([]);
    }
  });
});
