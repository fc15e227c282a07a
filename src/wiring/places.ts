import type { Place } from '../adapters/recovery/network.ts';
import { type Address, type Config, readRedisUrl, type Secrets, type VendorName, vendorNames } from '../config.ts';
import type { Target } from '../targets.ts';
import { homeOf } from './vendors.ts';

interface Settings {
  readonly config: Config;
  readonly secrets: Pick<Secrets, 'redisUrl' | 'vendors'>;
}

export const isVendor = (target: Target): target is VendorName => (vendorNames as readonly Target[]).includes(target);

/** Where a target speaks HTTP; nothing where it does not, or is not configured. */
export function urlOf({ config, secrets }: Settings, target: Target): string | undefined {
  const { sip, egress, ingress } = config.workerHealth;
  const workers = { 'sip-worker': sip, 'egress-worker': egress, 'ingress-worker': ingress } as const;
  if (target in workers) return workers[target as keyof typeof workers];
  if (target.startsWith('livekit-')) return config.livekitUrl.replace(/^ws/, 'http');
  const isUsed = isVendor(target) && secrets.vendors[target] !== undefined;
  return isUsed ? homeOf({ config: config.vendors }, target).replace(/^ws/, 'http') : undefined;
}

/** Where the network leads to a target. */
export function placeOf(settings: Settings, target: Target): Place | undefined {
  const { livekitSipAddr } = settings.config;
  if (target === 'sip-gateway') return livekitSipAddr && { ...livekitSipAddr, over: 'udp' };
  const address = target === 'redis' ? redisOf(settings) : addressOf(urlOf(settings, target));
  return address && { ...address, over: 'tcp' };
}

/** Of sentinels the first: they are many, so that one may be away. */
function redisOf({ secrets }: Settings): Address | undefined {
  const place = secrets.redisUrl && readRedisUrl(secrets.redisUrl.reveal());
  return place?.kind === 'sentinels' ? place.sentinels[0] : place?.address;
}

function addressOf(url: string | undefined): Address | undefined {
  if (url === undefined) return undefined;
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
