/**
 * The agent's name in a room. Owners of one call differ by the epoch alone, so that a later one neither throws an earlier one out
 * unseen nor is thrown out by it.
 */
export const agentIdentity = (callerKey: string, epoch: number): string => `agent-${callerKey}-${epoch}`;

/**
 * What another agent in the room is to the one called `own`: a newer owner of the same call (we must go), an older one
 * (it must go), or nothing that concerns us.
 */
export function rivalOf(own: string, other: string): 'newer' | 'older' | undefined {
  const [mine, its] = [partsOf(own), partsOf(other)];
  if (!mine || !its || mine.call !== its.call || mine.epoch === its.epoch) return undefined;
  return its.epoch > mine.epoch ? 'newer' : 'older';
}

function partsOf(identity: string): { readonly call: string; readonly epoch: number } | undefined {
  const [, call, epoch] = /^(agent\b.*)-(\d{1,15})$/.exec(identity) ?? [];
  return call === undefined ? undefined : { call, epoch: Number(epoch) };
}
