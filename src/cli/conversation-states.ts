/** Names of the active states of the conversation, outermost first; while leaving, of the call itself. */
export function conversationStates(value: unknown): string[] {
  const call = value as { live?: { conversation?: unknown } };
  return namesOf(typeof value === 'object' && call.live ? call.live.conversation : value);
}

const namesOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.entries((value ?? {}) as object).flatMap(([name, child]) => [name, ...namesOf(child)]);
