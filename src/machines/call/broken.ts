/** A turn that could not be spoken at all: the caller is asked again in another, and after some of them the call is ended. */
export const askAgain = [
  { guard: 'inTrouble', target: '#closing', actions: ['countTrouble', { type: 'because', params: 'in trouble' }] },
  { target: '#replying', reenter: true, actions: ['cutTurn', 'countTrouble', { type: 'ask', params: 'repeat' }] },
] as const;

/** Not even a goodbye could be spoken. */
export const giveUp = [{ target: '#call.leaving' }] as const;

/** Words that may be missing. */
interface Onward {
  readonly target: string;
}

export type Broken = readonly ((typeof askAgain)[number] | (typeof giveUp)[number] | Onward)[];
