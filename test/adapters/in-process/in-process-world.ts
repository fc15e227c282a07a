import { createInProcessRoom } from '../../../src/adapters/in-process/room.ts';
import type { LineWorld, OpenWorld, Phone, PhoneOptions } from '../../support/contracts/line-world.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const patienceMs = 60_000;

/** A world on virtual time: waiting costs nothing. */
export const openInProcessWorld: OpenWorld = async (options = {}) => {
  const clock = createVirtualClock(1_000_000);
  const world = createInProcessRoom({ clock, ...options });

  const soon = (act: () => void) => async () => {
    act();
    await clock.advance(5);
  };

  async function call(options: PhoneOptions): Promise<Phone> {
    const end = world.call(options);
    const frames: Int16Array[] = [];
    end.hear((frame) => frames.push(frame));
    return {
      answer: soon(end.answer),
      hangUp: soon(end.hangUp),
      leave: soon(() => end.leave()),
      rejoin: soon(end.rejoin),
      speak: end.speak,
      heard: () => frames,
      digit: async (digit) => end.digit(digit),
      digitsHeard: end.digitsHeard,
      isPresent: end.isPresent,
    };
  }

  async function until(condition: () => boolean, what: string): Promise<void> {
    const limit = clock.now() + patienceMs;
    while (!condition()) {
      if (clock.now() >= limit) throw new Error(`never: ${what}`);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(20);
    }
  }

  const { room, ear, player, network } = world;
  const fixed: LineWorld = {
    lossy: false,
    room,
    ear,
    player,
    call,
    fence: async () => network.fence(),
    closeRoom: async () => network.close(),
    until,
    pass: clock.advance,
    end: async () => undefined,
  };
  return fixed;
};
