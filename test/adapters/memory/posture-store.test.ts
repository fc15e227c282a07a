import { createMemoryPostures } from '../../../src/adapters/memory/posture-store.ts';
import { postureStoreContract } from '../../support/contracts/posture-store.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

postureStoreContract('memory', async () => {
  const clock = createVirtualClock(1000);
  const postures = createMemoryPostures(clock);
  const [here, there] = [postures.open(), postures.open()];
  return {
    here,
    there,
    pass: clock.advance,
    close: async () => void (await Promise.all([here.close(), there.close()])),
  };
});
