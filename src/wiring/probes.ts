import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Probe, Probes } from '../actors/probe.ts';
import { livekitProbes } from '../adapters/probes/livekit.ts';
import { redisProbe } from '../adapters/probes/redis.ts';
import { sipGatewayProbe } from '../adapters/probes/sip-gateway.ts';
import { vendorProbe } from '../adapters/probes/vendors.ts';
import { workerProbe } from '../adapters/probes/workers.ts';
import type { Agent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { Address, Config, Secrets, VendorName } from '../config.ts';
import { homeOf, type Vendors, vendorsOf } from './vendors.ts';

interface ProbesOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly agents: readonly Agent[];
  readonly clock: Clock;
  /** Where LiveKit is; left out where there is no server. */
  readonly livekitUrl?: () => string;
}

/** Everything that this instance depends on: of the vendors those that its agents use, of the rest what the settings name. */
export async function openProbes({ config, secrets, agents, clock, livekitUrl }: ProbesOptions): Promise<Probes> {
  const vendors = { config: config.vendors, secrets: secrets.vendors, clock };
  const server = livekitUrl && livekitProbes({ url: livekitUrl, key: secrets.livekitKeys.signing, clock });
  const used = [...new Set(agents.flatMap(vendorsOf))];
  const { sip, egress, ingress } = config.workerHealth;
  const probes = [
    ...(server?.probes ?? []),
    ...(secrets.redisUrl ? [redisProbe(secrets.redisUrl, clock)] : []),
    ...(config.livekitSipAddr ? [gatewayProbe(config.livekitSipAddr, clock)] : []),
    ...(sip === undefined ? [] : [workerProbe('sip-worker', sip, clock)]),
    ...(egress === undefined ? [] : [workerProbe('egress-worker', egress, clock)]),
    ...(ingress === undefined ? [] : [workerProbe('ingress-worker', ingress, clock)]),
    ...(await Promise.all(used.map((vendor) => probeOfVendor(vendor, vendors, agents)))),
  ];
  return { probes: probes.filter((probe) => probe !== undefined), close: async () => server?.close() };
}

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
