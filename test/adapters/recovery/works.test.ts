import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { listen } from '../../../emulators/kit/front.ts';
import type { Probe } from '../../../src/actors/probe.ts';
import type { Work } from '../../../src/actors/trouble.ts';
import { createAccessMending } from '../../../src/adapters/recovery/access.ts';
import { createApiMending, createDetour } from '../../../src/adapters/recovery/api.ts';
import { createDiagnostics } from '../../../src/adapters/recovery/diagnostics.ts';
import { createEscalation } from '../../../src/adapters/recovery/escalation.ts';
import { createHealthCheck } from '../../../src/adapters/recovery/health-check.ts';
import { createNetworkMending } from '../../../src/adapters/recovery/network.ts';
import { createSipLines, createSipMending } from '../../../src/adapters/recovery/sip.ts';
import { systemClock } from '../../../src/clock.ts';
import { createKeyRing } from '../../../src/key-ring.ts';
import { Secret } from '../../../src/secret.ts';
import { readSip } from '../../../src/sip.ts';
import { VendorKeys } from '../../../src/vendor-keys.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import {
  canaryKeys,
  type Condition,
  recoveryWorksContract,
  type WorksWorld,
} from '../../support/contracts/recovery-works.ts';
import { fakeSipAdmin } from '../../support/fakes/fake-sip-admin.ts';
import { fails, overloaded, recoveryPorts, refused } from '../../support/recovery-harness.ts';

const set = `
    line: { numbers: ['+4930'], allowedAddresses: [203.0.113.0/24] }`;
const yaml = `
inbound:${set}
backup:
  inbound:${set}
`;

/** What is no piece of work is there, says no, or throws. */
const given =
  (condition: Condition) =>
  <Value>(well: Value, failing: Value): Value => {
    if (condition === 'broken') throw new Error('an error of ours');
    return condition === 'well' ? well : failing;
  };

async function answering(): Promise<number> {
  const server = createServer((_, response) => response.end('here'));
  onTestFinished(() => void server.close());
  return listen(server, 0);
}

/** The real adapters, over what answers as the condition says. */
async function real(condition: Condition): Promise<WorksWorld> {
  const of = given(condition);
  const port = condition === 'well' ? await answering() : await freeTcpPort();
  const place = { host: '127.0.0.1', port, over: 'tcp' } as const;
  const look: Work = condition === 'well' ? async () => ({ did: 'it answers' }) : fails(overloaded);
  const kinds = [['openai', 'groq']] as const;
  const keys = new VendorKeys(...(canaryKeys.map((key) => new Secret(key)) as [Secret, Secret]));
  const access = createAccessMending({
    ring: createKeyRing(new Map([['key', new Secret(canaryKeys[0])]])),
    readKeys: () => undefined,
    livekitUrl: 'http://127.0.0.1:1',
    look,
    vendorKeys: () => of(keys, keys),
    lookBy: () => (condition === 'well' ? look : fails(refused)),
    renew: look,
    clock: systemClock,
  });
  const lines = createSipLines({
    file: { path: 'sip.yaml', read: async () => readSip(of(yaml, 'inbound: 3'), {}) },
    admin: fakeSipAdmin(new Map()),
    applied: () => undefined,
    pause: async () => undefined,
  });
  if (condition === 'well')
    await lines.apply('main')({ target: 'livekit-sip', since: 0 }, { signal: AbortSignal.any([]) });
  const probe: Probe = {
    target: 'openai',
    operation: 'x',
    look: async () => ({ tookMs: 1, ...(condition !== 'well' && { failure: overloaded }) }),
  };
  const sip = createSipMending({ lines, look, leads: async () => of(true, false) });
  const api = createApiMending({ pageOf: () => of(`http://127.0.0.1:${port}/`, undefined), look, kinds });
  const network = createNetworkMending({ placeOf: () => of(place, place), elsewhere: () => [], renew: look, look });
  const diagnostics = createDiagnostics({
    note: () => of(undefined, undefined),
    fixed: () => of(undefined, undefined),
    unfixed: () => of(undefined, undefined),
    renew: look,
    look,
  });
  const escalation = createEscalation({
    alert: () => of(undefined, undefined),
    failsafe: () => of<string | undefined>('a greeting', undefined),
    operationsOf: () => of(['recording'] as const, []),
    detour: createDetour({ look, kinds }),
  });
  const { retry: retryAccess, ...otherAccess } = access;
  const { retry: retryApi, ...otherApi } = api;
  const { check: checkNetwork, reconnect } = network;
  const others = { checkNetwork, reconnect, retryAccess, retryApi };
  return {
    works: { ...diagnostics, ...escalation, ...sip, ...otherAccess, ...otherApi, ...others },
    health: createHealthCheck(
      async () => (condition === 'well' ? undefined : overloaded),
      async () => ({ probes: [probe], close: async () => undefined }),
    ),
  };
}

recoveryWorksContract('the real adapters', real);

recoveryWorksContract('the fake', (condition) => {
  const outcome = condition === 'well' ? undefined : fails(overloaded);
  const failing = condition === 'well' ? [] : [{ target: 'openai', failure: overloaded } as const];
  return recoveryPorts(outcome, failing);
});
