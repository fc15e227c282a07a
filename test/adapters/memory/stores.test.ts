import { createMemoryLog } from '../../../src/adapters/memory/call-log.ts';
import { createMemoryEgresses } from '../../../src/adapters/memory/egress-store.ts';
import { createInProcessQueue } from '../../../src/adapters/memory/call-queue.ts';
import { createMemoryDials } from '../../../src/adapters/memory/dial-store.ts';
import { createMemoryStore } from '../../../src/adapters/memory/call-store.ts';
import { callLogContract } from '../../support/contracts/call-log.ts';
import { callQueueContract } from '../../support/contracts/call-queue.ts';
import { egressStoreContract } from '../../support/contracts/egress-store.ts';
import { callStoreContract } from '../../support/contracts/call-store.ts';
import { dialStoreContract } from '../../support/contracts/dial-store.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const close = async (): Promise<void> => {};

callStoreContract('memory', async (clock) => ({ store: createMemoryStore({ clock }), close }));
callLogContract('memory', async () => ({ log: createMemoryLog(), close }));
dialStoreContract('memory', async (clock) => {
  const store = createMemoryStore({ clock });
  return { store, dials: createMemoryDials({ store, clock }), close };
});
callQueueContract('in-process queue over memory', async (maxWaiting) => {
  const clock = createVirtualClock(1);
  const store = createMemoryStore({ clock });
  return { store, queue: createInProcessQueue({ store, clock, maxWaiting }) };
});
egressStoreContract('memory', async () => ({ egresses: createMemoryEgresses(), close }));
