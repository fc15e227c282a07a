import type { Trouble, Work } from '../actors/trouble.ts';
import { createAccessMending } from '../adapters/recovery/access.ts';
import { createApiMending, createDetour } from '../adapters/recovery/api.ts';
import { createDiagnostics } from '../adapters/recovery/diagnostics.ts';
import { createEscalation } from '../adapters/recovery/escalation.ts';
import { createHealthCheck } from '../adapters/recovery/health-check.ts';
import { createNetworkMending } from '../adapters/recovery/network.ts';
import { renewing } from '../adapters/recovery/renew.ts';
import { createSipMending } from '../adapters/recovery/sip.ts';
import { lookingBy } from '../adapters/recovery/work.ts';
import { usableKeys } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Connections } from '../runtime/connections.ts';
import { operationsOf } from '../machines/recovery/measures.ts';
import { type Target, targets } from '../targets.ts';
import type { Secret } from '../secret.ts';
import { VendorKeys } from '../vendor-keys.ts';
import type { InstanceOptions } from './instance.ts';
import { isVendor, placeOf, urlOf } from './places.ts';
import { openProbes, probeOfVendor } from './probes.ts';
import type { RecoveryPorts } from './recovery-machine.ts';
import { sipLinesOf } from './sip-lines.ts';

export interface RecoveryEffectsOptions extends Pick<
  InstanceOptions,
  'config' | 'secrets' | 'agents' | 'lines' | 'posture' | 'clock' | 'log'
> {
  /** What is kept open at this moment. */
  readonly connections: () => readonly Connections[];
  /** Resolves when all parts of the instance are open, with what could not be. */
  readonly initialized: () => Promise<Failure | undefined>;
  /** Whether this instance writes the posture at this moment, and does what all of them share. */
  readonly leads: () => Promise<boolean>;
  /** Hands an alert on. */
  readonly alert: (trouble: Trouble) => void;
  /** What new calls would hear in failsafe mode. */
  readonly failsafe: () => string | undefined;
  /** Vendors that can do the same work here, a list for each kind of work. */
  readonly kinds: readonly (readonly Target[])[];
}

/** The real thing behind each box. What it looks at is always what the settings name first: the way back depends on it. */
export function recoveryEffects(options: RecoveryEffectsOptions): RecoveryPorts {
  const { config, secrets, lines, clock, log } = options;
  const probesAt = (url: string) => () => openProbes({ ...options, ...(lines.control && { livekitUrl: () => url }) });
  const open = probesAt(config.livekitUrl);
  const look = lookingBy(open);
  const fallback = config.livekitFallbackUrl;
  const lookAtFallback = fallback === undefined ? undefined : lookingBy(probesAt(fallback));
  const renew = renewing(options.connections);
  const ways = { look, lookAtFallback, kinds: options.kinds };
  const sip = createSipMending({ lines: sipLinesOf(options), look, leads: options.leads });
  const place = (target: Target) => placeOf(options, target);
  return {
    health: createHealthCheck(options.initialized, open),
    access: createAccessMending({
      ring: secrets.livekitKeys,
      readKeys: () => usableKeys(config),
      livekitUrl: config.livekitUrl,
      look,
      vendorKeys: (target) => (isVendor(target) ? secrets.vendors[target] : undefined),
      lookBy: (key) => lookingByKey(options, key),
      renew,
      clock,
    }),
    api: createApiMending({ ...ways, pageOf: (target) => urlOf(options, target) }),
    sip,
    network: createNetworkMending({
      placeOf: place,
      elsewhere: (own) => targets.flatMap((each) => (each === own ? [] : (place(each) ?? []))),
      renew,
      look,
    }),
    diagnostics: createDiagnostics({
      note: ({ target, failure, since }) =>
        log.warn(
          { code: 'recovery.details', target, place: place(target), failure, lastsMs: clock.now() - since },
          'what the instance needs cannot be used',
        ),
      fixed: (target, did) =>
        log.info({ code: 'recovery.fixed', target, did }, 'recovery has mended something by itself'),
      unfixed: options.alert,
      renew,
      look,
      applyLines: config.sipFile === undefined ? undefined : sip.reloadConfig,
    }),
    escalation: createEscalation({
      ...options,
      operationsOf: (target) => operationsOf[target] ?? [],
      detour: createDetour(ways),
    }),
  };
}

/** Looks at a vendor as ever, but by a key that is not in use. */
const lookingByKey =
  ({ config, agents, clock }: RecoveryEffectsOptions, key: Secret): Work =>
  (trouble, given) =>
    lookingBy(async () => {
      const { target } = trouble;
      const vendors = { config: config.vendors, secrets: { [target]: new VendorKeys(key) }, clock };
      const probe = isVendor(target) ? await probeOfVendor(target, vendors, agents) : undefined;
      return { probes: probe ? [probe] : [], close: async () => undefined };
    })(trouble, given);
