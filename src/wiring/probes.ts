import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Probe, Probes } from '../actors/probe.ts';
import { also } from '../adapters/probes/also.ts';
import { livekitProbes } from '../adapters/probes/livekit.ts';
import { redisProbe } from '../adapters/probes/redis.ts';
import { sipGatewayProbe } from '../adapters/probes/sip-gateway.ts';
import { vendorProbe } from '../adapters/probes/vendors.ts';
import { workerProbe } from '../adapters/probes/workers.ts';
import type { Agent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { Address, VendorName } from '../config.ts';
import type { InstanceOptions } from './instance.ts';
import { linesMissing, sipLinesOf } from './sip-lines.ts';
import { homeOf, type Vendors, vendorsOf } from './vendors.ts';

interface ProbesOptions extends Pick<
  InstanceOptions,
  'config' | 'secrets' | 'agents' | 'lines' | 'posture' | 'clock' | 'log'
> {
  /** Where LiveKit is; left out where there is no server. */
  readonly livekitUrl?: () => string;
}

/** Everything that this instance depends on: of the vendors those that its agents use, of the rest what the settings name. */
export async function openProbes(options: ProbesOptions): Promise<Probes> {
  const { config, secrets, agents, clock, livekitUrl } = options;
  const vendors = { config: config.vendors, secrets: secrets.vendors, clock };
  const server = livekitUrl && livekitProbes({ url: livekitUrl, key: secrets.livekitKeys.signing, clock });
  const used = [...new Set(agents.flatMap(vendorsOf))];
  const { sip, egress, ingress } = config.workerHealth;
  const probes = [
    ...(server?.probes ?? []).map((probe) => withLines(probe, options)),
    ...(secrets.redisUrl ? [redisProbe(secrets.redisUrl, clock)] : []),
    ...(config.livekitSipAddr ? [gatewayProbe(config.livekitSipAddr, clock)] : []),
    ...(sip === undefined ? [] : [workerProbe('sip-worker', sip, clock)]),
    ...(egress === undefined ? [] : [workerProbe('egress-worker', egress, clock)]),
    ...(ingress === undefined ? [] : [workerProbe('ingress-worker', ingress, clock)]),
    ...(await Promise.all(used.map((vendor) => probeOfVendor(vendor, vendors, agents)))),
  ];
  return { probes: probes.filter((probe) => probe !== undefined), close: async () => server?.close() };
}

/** Where a file says which lines there are, one that is missing is found too. */
const withLines = (probe: Probe, options: ProbesOptions): Probe =>
  probe.target === 'livekit-sip' && options.config.sipFile !== undefined
    ? also(probe, linesMissing(sipLinesOf(options), options.posture))
    : probe;

/** OPTIONS to a SIP gateway. */
export const gatewayProbe = (address: Address, clock: Clock): Probe =>
  sipGatewayProbe({ address, clock, id: () => randomBytes(8).toString('hex') });

/** The unbilled question to a vendor; nothing where its key is not set. */
export async function probeOfVendor(
  vendor: VendorName,
  vendors: Pick<Vendors, 'config' | 'secrets' | 'clock'>,
  agents: readonly Pick<Agent, 'model'>[],
): Promise<Probe | undefined> {
  const apiKey = vendors.secrets[vendor];
  if (!apiKey) return undefined;
  const { baseUrl, caFile } = vendors.config[vendor];
  const models = agents.flatMap(({ model }) => model.filter(({ kind }) => kind === vendor).map(({ model }) => model));
  return vendorProbe({
    vendor,
    apiKey,
    baseUrl: homeOf(vendors, vendor),
    clock: vendors.clock,
    ...(caFile !== undefined && { ca: await readFile(caFile, 'utf8') }),
    // What a proxy lists is its own affair.
    ...(baseUrl === undefined && models.length > 0 && { models }),
  });
}
