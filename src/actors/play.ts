import type { Clock } from '../clock.ts';
import { leaf } from './leaf.ts';
import type { Player, ResumePoint } from './player.ts';

export type PlayCommand =
  /** Lets a held turn be heard. */
  | { readonly type: 'playback.release' }
  | { readonly type: 'playback.duck' }
  | { readonly type: 'playback.restore' }
  | { readonly type: 'playback.pause' }
  | { readonly type: 'playback.resume'; readonly from: ResumePoint };

const duckDb = -12;
const fadeMs = 20;

/**
 * Holds the player for one turn and carries out what the machine decides about it. A turn begins held;
 * stopping clears it. What was heard is reported by the line (`join-room`).
 */
export const play = (player: Player, clock: Clock) =>
  leaf<never, PlayCommand, { readonly turn: number }>(clock, ({ input: { turn }, receive }) => {
    player.open(turn, { held: true });
    receive((command) => carryOut(player, turn, command));
    return () => player.clear(turn);
  });

function carryOut(player: Player, turn: number, command: PlayCommand): void {
  switch (command.type) {
    case 'playback.release':
      return player.resume(turn, 'sample');
    case 'playback.duck':
      return player.gain(turn, duckDb, fadeMs);
    case 'playback.restore':
      return player.gain(turn, 0, fadeMs);
    case 'playback.pause':
      return player.pause(turn);
    case 'playback.resume':
      player.gain(turn, 0, fadeMs);
      return player.resume(turn, command.from);
  }
}
