import type { TokenMachine } from '../../../src/machines/token/token.machine.ts';
import { createCredential } from '../../../src/runtime/credential.ts';
import { viewer } from '../token-walk.ts';
import type { Host } from '../walk-life.ts';
import { stateOf, turns } from './shared.ts';

/** A token under the host of credentials, and a client that follows it. */
export const tokenHost: Host = (machine, clock, self) => {
  let isOver = 0;
  const follower: { gone?: AbortController } = {};
  const credential = createCredential({
    request: viewer,
    machineOf: () => machine as unknown as TokenMachine,
    clock,
    signed: async () => undefined,
    supersede: async () => undefined,
    over: () => void (isOver += 1),
  });
  async function attach(): Promise<void> {
    const gone = (follower.gone = new AbortController());
    void credential.follow({ after: 0, signal: gone.signal }).next();
  }
  function detach(): Promise<void> {
    follower.gone?.abort();
    return turns();
  }
  const commands: Readonly<Record<string, () => void | Promise<void>>> = {
    'client.attached': attach,
    'client.detached': detach,
    'token.revoke': () => credential.revoke(),
    'participant.joined': () => credential.joined(),
  };
  return {
    send(event) {
      if (typeof event['at'] === 'number') clock.set(event['at']);
      const command = commands[event.type];
      return command ? command() : self().send(event);
    },
    async end() {
      const state = stateOf(self());
      const shouldBe = state.status !== 'active' ? 1 : 0;
      credential.stop();
      follower.gone?.abort();
      return isOver === shouldBe ? [] : [`${JSON.stringify(state.value)} was told to be over ${isOver} times`];
    },
  };
};
