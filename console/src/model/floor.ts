/** Who has the floor, coarsely: what the timeline is coloured by. */
export type Floor =
  | 'ringing'
  | 'agent'
  | 'thinking'
  | 'both'
  | 'caller'
  | 'settling'
  | 'keys'
  | 'quiet'
  | 'over'
  | 'other';

const floors: Readonly<Record<string, Floor>> = {
  ringing: 'ringing',
  dialing: 'ringing',
  transferring: 'quiet',
  speaking: 'agent',
  thinking: 'thinking',
  opening: 'thinking',
  asking: 'thinking',
  bargeIn: 'both',
  callerTurn: 'caller',
  callerTalking: 'caller',
  settling: 'settling',
  collectingDigits: 'keys',
  quiet: 'quiet',
  away: 'quiet',
  lastWord: 'quiet',
  leaving: 'over',
  ended: 'over',
};

export const floorNames: Readonly<Record<Floor, string>> = {
  ringing: 'ringing',
  agent: 'agent speaks',
  thinking: 'agent thinks',
  both: 'both (ducked)',
  caller: 'caller speaks',
  settling: 'turn settling',
  keys: 'keys',
  quiet: 'quiet',
  over: 'over',
  other: 'other',
};

/** The innermost active state of the conversation that says who has the floor. */
export const floorOf = (value: unknown): Floor =>
  conversationPath(value)
    .map((name) => floors[name])
    .findLast((floor) => floor !== undefined) ?? 'other';

/** Names of the active states of the conversation, outermost first; while leaving, of the call itself. */
function conversationPath(value: unknown): string[] {
  const live = (value as { live?: { conversation?: unknown } } | undefined)?.live;
  return namesOf(typeof value === 'object' && live ? live.conversation : value);
}

const namesOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.entries((value ?? {}) as object).flatMap(([name, child]) => [name, ...namesOf(child)]);
