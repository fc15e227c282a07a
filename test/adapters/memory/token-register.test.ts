import { createMemoryTokenRegister } from '../../../src/adapters/memory/token-register.ts';
import { tokenRegisterContract } from '../../support/contracts/token-register.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

tokenRegisterContract('memory', async () => {
  const clock = createVirtualClock();
  const register = createMemoryTokenRegister(clock);
  return { here: register, there: register, pass: (ms) => clock.advance(ms), close: register.close };
});
