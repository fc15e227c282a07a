import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dialer } from '../../../src/actors/dialer.ts';
import type { Transfer } from '../../../src/actors/transfer.ts';
import { eventually } from '../call-eventually.ts';
import type { Manner } from '../fakes/fake-telephones.ts';

export interface TelephonesWorld {
  readonly dialer: Dialer;
  readonly transfer: Transfer;
  /** A room of its own. */
  room(): Promise<string>;
  endRoom(room: string): Promise<void>;
  /** Whether the other side has said that it rings: a leg is listed while it is still coming in. */
  rings(room: string): Promise<boolean>;
  end(): Promise<void>;
}

/** Telephones of the contract, and what they do. */
export const contractManners = {
  '+4930000486': { refuses: 486 },
  '+4930000603': { refuses: 603 },
  '+4930000404': { refuses: 404 },
  '+4930000480': { refuses: 480 },
  '+4930000503': { refuses: 503 },
  '+4930000001': 'rings',
  'tel:+4930000486': { refuses: 486 },
  'tel:+4930000603': { refuses: 603 },
  'tel:+4930000001': 'rings',
} as const satisfies Readonly<Record<string, Manner>>;

const answering = '+4930123456';
const ringing = '+4930000001';
const maxCallMs = 600_000;
const { signal } = new AbortController();

/** What every pair of `Dialer` and `Transfer` must do. */
export function telephonesContract(name: string, open: () => Promise<TelephonesWorld>): void {
  describe(`${name} as Dialer and Transfer`, () => {
    let world: TelephonesWorld;
    beforeAll(async () => void (world = await open()));
    afterAll(() => world?.end());

    const leg = async (key = 'out-1') => ({ room: await world.room(), callerKey: key });

    test('R3.4 somebody who answers is in the room, under the key and no other', async () => {
      const ours = await leg();
      expect(await world.dialer.find(ours)).toBe('nowhere');
      expect(await world.dialer.dial({ ...ours, to: answering, ringMs: 10_000, maxCallMs }, { signal })).toEqual({
        result: 'answered',
      });
      expect(await world.dialer.find(ours)).toBe('there');
      expect(await world.dialer.find({ ...ours, callerKey: 'out-2' })).toBe('nowhere');
      await world.endRoom(ours.room);
    });

    test.each([
      ['+4930000486', 'busy', 486],
      ['+4930000603', 'rejected', 603],
      ['+4930000404', 'unreachable', 404],
      ['+4930000480', 'unreachable', 480],
      ['+4930000503', 'failed', 503],
    ])('R3.4 %s is %s, with its SIP status: a 429 of the API is no limit of rate', async (to, result, sipStatus) => {
      const ours = await leg();
      expect(await world.dialer.dial({ ...ours, to, ringMs: 10_000, maxCallMs }, { signal })).toMatchObject({
        result,
        sipStatus,
      });
      await eventually(
        () => world.dialer.find(ours),
        (found) => found === 'nowhere',
      );
      await world.endRoom(ours.room);
    });

    test('R3.4 a telephone that nobody answers rings as long as was asked, and is in the room meanwhile', async () => {
      const ours = await leg();
      const dialling = world.dialer.dial({ ...ours, to: ringing, ringMs: 2_000, maxCallMs }, { signal });
      await eventually(
        () => world.dialer.find(ours),
        (found) => found === 'there',
      );
      expect(await dialling).toMatchObject({ result: 'no_answer' });
      await world.endRoom(ours.room);
    });

    test('R3.4 the end of its room ends the ringing', async () => {
      const ours = await leg();
      const dialling = world.dialer.dial({ ...ours, to: ringing, ringMs: 60_000, maxCallMs }, { signal });
      await eventually(() => world.rings(ours.room), Boolean);
      expect(await world.dialer.find(ours)).toBe('there');
      await world.endRoom(ours.room);
      expect(await dialling).toMatchObject({ result: 'no_answer' });
      expect(await world.dialer.find(ours)).toBe('nowhere');
    });

    test('R3.4 a caller is put through, or stays and it is told why', async () => {
      const ours = await leg();
      await world.dialer.dial({ ...ours, to: answering, ringMs: 10_000, maxCallMs }, { signal });
      const caller = { room: ours.room, identity: `sip_${answering}` };
      const refer = (to: string, ringMs = 5_000) => world.transfer.refer(caller, to, { ringMs });
      expect(await refer('tel:+4930000603')).toMatchObject({ result: 'rejected', sipStatus: 603 });
      expect(await refer('tel:+4930000486')).toMatchObject({ result: 'busy', sipStatus: 486 });
      expect(await refer('tel:+4930000001', 1_000)).toMatchObject({ result: 'unknown' });
      expect(await world.dialer.find(ours)).toBe('there');
      expect(await refer('tel:+4930999')).toEqual({ result: 'done' });
      await world.endRoom(ours.room);
    });

    test('R3.4 bad input: nobody is put through who is not there', async () => {
      const room = await world.room();
      const refused = await world.transfer.refer({ room, identity: 'sip_nobody' }, 'tel:+4930999', { ringMs: 5_000 });
      expect(refused).toMatchObject({ result: 'failed' });
      await world.endRoom(room);
    });
  });
}
