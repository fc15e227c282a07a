import { loadRtc, type RtcRoom } from '../../src/adapters/livekit/rtc.ts';

/** Rooms that were joined from this process since then, by name: to fail the agent's own link. */
export async function ownLinks(): Promise<ReadonlyMap<string, RtcRoom>> {
  const joined = new Map<string, RtcRoom>();
  const { Room } = await loadRtc();
  const connect = Room.prototype.connect;
  Room.prototype.connect = async function (this: RtcRoom, ...given) {
    await connect.apply(this, given);
    joined.set(this.name ?? '', this);
  };
  return joined;
}
