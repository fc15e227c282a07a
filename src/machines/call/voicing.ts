import { at } from '../deadlines.ts';
import { askAgain, type Broken, giveUp } from './broken.ts';
import { bargeIn, interruptions } from './floor.ts';
import { questionFor } from './question.ts';
import { chart } from './setup.ts';
import { type Beginning, thinking } from './thinking.ts';

interface Next {
  readonly guard?: 'hangsUpNext' | 'collectsNext' | 'transfersNext' | 'greetsNext' | 'owesMore' | 'finishesInTrouble';
  readonly target: string;
  readonly reenter?: boolean;
  readonly actions?: { type: 'ask'; params: 'greet' | 'goOn' } | 'becauseTroubled';
}

/** What the model wants done once it has spoken. */
const requests = chart.createStateConfig({
  on: {
    'reply.farewell_asked': { guard: 'fitsTurn', actions: 'hangUpNext' },
    'reply.digits_asked': { guard: 'fitsTurn', actions: 'noteDigitsWanted' },
    'reply.transfer_asked': { guard: 'fitsTurn', actions: 'noteTransferWanted' },
  },
}).on;

const goesOn = (self: string) => ({
  target: `#${self}.speaking`,
  actions: { type: 'resumePlayback' as const, params: 'word' as const },
});

/** The caller is not in the room, for a moment or for good: nothing is said to nobody. */
const halted = (self: string) =>
  chart.createStateConfig({
    entry: { type: 'tellPlayback', params: 'playback.pause' },
    always: { guard: 'callerIsThere', ...goesOn(self) },
    after: { [at.callerReturns]: goesOn(self) },
  });

/**
 * A state in which the agent has a turn: the player and the reply run as long as it lasts, so leaving it in any way
 * stops both. `self` is its id, `next` where it goes when everything was heard, the first that fits, `broken` when nothing is.
 */
export function voicing(
  self: string,
  beginning: Beginning,
  next: readonly Next[],
  broken: Broken = beginning === 'heedless' ? giveUp : askAgain,
) {
  const yields = beginning !== 'heedless';
  return chart.createStateConfig({
    id: self,
    initial: 'thinking',
    entry: 'beginTurn',
    invoke: [
      { id: 'playback', src: 'play', input: ({ context }) => ({ turn: context.turn }), onError: [...broken] },
      { id: 'reply', src: 'reply', input: ({ context }) => questionFor(context), onError: [...broken] },
    ],
    on: {
      'playback.starved': { guard: 'fitsTurn', actions: { type: 'tellReply', params: 'reply.starved' } },
      'playback.finished': next.map(({ guard = 'fitsTurn' as const, actions, ...where }) => ({
        ...where,
        guard,
        actions: ['finishTurn' as const, ...(actions ? [actions] : [])],
      })),
      ...(yields ? { ...interruptions(self), 'reply.troubled': { guard: 'fitsTurn', actions: 'noteTrouble' } } : {}),
      ...(beginning === 'tentative' ? requests : {}),
    },
    states: {
      thinking: thinking(self, beginning, broken),
      speaking: {
        entry: { type: 'show', params: 'speaking' },
        ...(yields ? { always: { guard: 'callerIsMissing', target: 'halted' } } : {}),
        on: yields ? { 'caller.voice_started': 'bargeIn' } : {},
        after: { [at.replySpoken]: yields ? [{ target: '#listening', actions: 'cutTurn' }] : [...broken] },
      },
      ...(yields ? { bargeIn: bargeIn(self), halted: halted(self) } : {}),
    },
  });
}
