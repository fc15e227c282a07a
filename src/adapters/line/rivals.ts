/**
 * The agent's name in a room. Owners of one call differ by the epoch alone, so that a later one neither throws an earlier one out
 * unseen nor is thrown out by it.
 */
export const agentIdentity = (callerKey: string, epoch: number): string => `agent-${callerKey}-${epoch}`;

/**
 * … and the name under which the same owner joins for the `count`th time. A name of its own: LiveKit remembers for minutes by which
 * way a name was to be reached, and a way that failed fails again.
 */
export const rejoiningAs = (identity: string, count: number): string =>
  count === 1 ? identity : `${identity}.${count}`;

/**
 * What another agent in the room is to the one called `own`: a newer owner of the same call (we must go), an older one or
 * what is left of our own earlier stay (it must go), or nothing that concerns us.
 */
export function rivalOf(own: string, other: string): 'newer' | 'older' | undefined {
  const [mine, its] = [partsOf(own), partsOf(other)];
  if (!mine || !its || mine.call !== its.call) return undefined;
  const ahead = its.epoch - mine.epoch || its.join - mine.join;
  if (ahead === 0) return undefined;
  return ahead > 0 ? 'newer' : 'older';
}

function partsOf(identity: string) {
  const [, call, epoch, join = '1'] = /^(agent\b.*)-(\d{1,15})(?:\.(\d{1,9}))?$/.exec(identity) ?? [];
  return call === undefined ? undefined : { call, epoch: Number(epoch), join: Number(join) };
}
