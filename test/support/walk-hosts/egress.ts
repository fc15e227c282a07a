import type { EgressMachine } from '../../../src/machines/egress/egress.machine.ts';
import { createEgressHost } from '../../../src/runtime/egress-host.ts';
import type { EgressRecord } from '../../../src/runtime/egress-store.ts';
import { egressInput } from '../egress-walk.ts';
import type { Host } from '../walk-life.ts';
import { same, stateOf } from './shared.ts';

/** An egress under its host. */
export const egressHost: Host = (machine, clock, self) => {
  let record: EgressRecord | undefined;
  const host = createEgressHost({
    input: egressInput,
    machineOf: () => machine as unknown as EgressMachine,
    brief: {} as never,
    clock,
    store: { put: async (next) => ((record = next), 'stored') },
    over: () => undefined,
  });
  return {
    send(event) {
      if (event.type === 'egress.told') return void host.told(event['info'] as never);
      return event.type === 'egress.stop' ? host.stop() : self().send(event);
    },
    async end() {
      const { value, context } = stateOf(self());
      await host.close();
      return same(record?.value, value) && same(record?.context, context)
        ? []
        : [`${JSON.stringify(value)} is not stored as it stands`];
    },
  };
};
