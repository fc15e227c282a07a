import { afterAll, expect, test, vi } from 'vitest';
import { createTokenSigner } from '../../../src/adapters/jose/token-signer.ts';
import { createLivekitLine } from '../../../src/adapters/livekit/line.ts';
import { disposeRtc, loadRtc } from '../../../src/adapters/livekit/rtc.ts';
import { ringOf } from '../../support/keys.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

afterAll(() => disposeRtc());

test('S3 a room of which the library never says that it was left is let go of in two seconds', async () => {
  const { Room } = await loadRtc();
  vi.spyOn(Room.prototype, 'connect').mockRejectedValue(new Error('the server died'));
  const leaving = vi.spyOn(Room.prototype, 'disconnect').mockReturnValue(new Promise(() => undefined));
  const clock = createVirtualClock(1_000_000);
  const line = createLivekitLine({
    url: 'ws://test',
    signer: createTokenSigner(ringOf(['key', 'a secret of thirty-two characters'])),
    rooms: { delete: async () => undefined, remove: async () => undefined },
    roomName: 'room',
    identity: 'agent-1',
    agentName: 'Tester',
    clock,
    look: () => undefined,
  });
  line.room.join({ signal: new AbortController().signal }, () => undefined);
  await expect.poll(() => leaving.mock.calls.length).toBe(1);
  let left = false;
  const leftAt = line.close().then(() => {
    left = true;
    return clock.now();
  });
  await clock.advance(1999);
  expect(left).toBe(false);
  await clock.advance(1);
  expect(await leftAt).toBe(1_002_000);
});
