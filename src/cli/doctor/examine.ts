import { setTimeout as delay } from 'node:timers/promises';
import { createLivekitApi } from '../../adapters/livekit/api/api.ts';
import { createSipAdmin } from '../../adapters/livekit/sip-admin.ts';
import { systemClock } from '../../clock.ts';
import type { Config, Secrets } from '../../config.ts';
import { homeOf, type Vendors } from '../../wiring/vendors.ts';
import type { OtherClock } from './clocks.ts';
import { checkDataDir } from './data-dir.ts';
import { type Checking, type Finding, untried, well, within } from './finding.ts';
import { checkLivekit, type LivekitAccess, type ReachedLivekit } from './livekit.ts';
import { checkRedis } from './redis.ts';
import { askServer, httpOf } from './server.ts';
import { checkSettings, type Known } from './settings.ts';
import { checkSignal } from './signal.ts';
import { checkSipGateway } from './sip-gateway.ts';
import { checkSipRules } from './sip-rules.ts';
import { placeTestCall, testCall } from './test-call.ts';
import { checkVendor, vendorUses } from './vendors.ts';
import { checkWebhooks } from './webhooks.ts';

export interface Examination {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of telephone lines. */
  readonly sipFile: string;
  /** Whether a call is placed. */
  readonly call: boolean;
}

/** Every check there is: those that do not harm one another at the same time, the call at the end, when nothing disturbs it. */
export async function examine(asked: Examination, checking: Checking): Promise<void> {
  const { env } = asked;
  checking.tell(well('node', process.versions.node));
  const known = await checkSettings(env, checking.tell);
  if (!known.settings) return checking.tell(untried('the rest', 'the settings come first'));
  const heard: Finding[] = [];
  const noting = { ...checking, tell: (finding: Finding) => checking.tell((heard.push(finding), finding)) };
  const [livekit] = await Promise.all([
    overLivekit(asked, known.settings, known, noting),
    ...aside(known.settings, known, noting),
  ]);
  if (asked.call) await call(livekit, known, heard, checking);
  // What was made there is removed over the same connections.
  await cleaned(checking.cleaning);
  void livekit?.api.close();
}

const cleanWithinMs = 4000;

/** A server that hangs keeps nobody from the end. */
async function cleaned(cleaning: Checking['cleaning']): Promise<void> {
  const stop = new AbortController();
  const late = delay(cleanWithinMs, undefined, { signal: stop.signal }).catch(() => undefined);
  await Promise.race([Promise.all(cleaning), late]);
  stop.abort();
}

const limits = {
  redis: { check: 'redis', limitMs: 4000, mend: 'start it, or unset REDIS_URL' },
  data: { check: 'data', limitMs: 3000, mend: 'export DATA_DIR=…' },
  gateway: { check: 'livekit-sip', limitMs: 5000, mend: 'export LIVEKIT_SIP_ADDR=…' },
  livekit: { check: 'livekit', limitMs: 6000, mend: 'export LIVEKIT_URL=…' },
  signal: { check: 'signal', limitMs: 5000, mend: 'let WebSockets pass at /rtc, in the proxy before LiveKit' },
  webhooks: { check: 'webhooks', limitMs: 9000, mend: 'look into the log of livekit-server' },
  numbers: { check: 'numbers', limitMs: 6000, mend: 'voicechart sip diff' },
} as const;

type Settings = NonNullable<Known['settings']>;

async function overLivekit(
  { env, sipFile }: Examination,
  { config, secrets }: Settings,
  { agents }: Known,
  checking: Checking,
): Promise<ReachedLivekit | undefined> {
  const access = accessOf(config, secrets);
  let livekit: ReachedLivekit | undefined;
  const parts = { clock: systemClock, otherClocks: (signal: AbortSignal) => clocksOf(config, secrets, signal) };
  await within(checking, limits.livekit, async (each) => void (livekit = await checkLivekit(access, parts, each)));
  const reached = livekit;
  if (!reached)
    for (const check of ['signal', 'rooms', 'webhooks', 'numbers'])
      checking.tell(untried(check, 'LiveKit comes first'));
  if (!reached) return undefined;
  const { roomPrefix } = config;
  const world = { file: sipFile, env, roomPrefix, agents: agents.map(({ name }) => name) };
  const door = { ...config, keys: secrets.livekitKeys };
  const api = createLivekitApi({ url: config.livekitUrl, clock: systemClock, key: secrets.livekitKeys.signing });
  await Promise.all([
    within(checking, limits.signal, (each) => checkSignal(reached, { roomPrefix, clock: systemClock }, each)),
    within(checking, limits.webhooks, (each) => checkWebhooks(reached, door, systemClock, each)),
    within(checking, limits.numbers, (each) =>
      checkSipRules(createSipAdmin(api), world, each).finally(() => void api.close()),
    ),
  ]);
  return reached;
}

const accessOf = ({ livekitUrl: url }: Config, { livekitKeys }: Secrets): LivekitAccess => ({
  url,
  ...livekitKeys.signing(),
});

/** What needs no LiveKit. */
function aside({ config, secrets }: Settings, { agents }: Known, checking: Checking): readonly Promise<void>[] {
  const vendors: Vendors = {
    config: config.vendors,
    secrets: secrets.vendors,
    clock: systemClock,
    threw: () => undefined,
  };
  const uses = vendorUses(agents, vendors).filter(({ vendor }) => secrets.vendors[vendor] !== undefined);
  return [
    within(checking, limits.redis, (each) => checkRedis(secrets.redisUrl, each)),
    within(checking, limits.data, (each) => checkDataDir(config.dataDir, `check-${process.pid}`, each)),
    within(checking, limits.gateway, (each) => checkSipGateway(config.livekitSipAddr, each)),
    ...uses.map((use) => {
      const limit = { check: use.vendor, limitMs: 8000, mend: `curl -v ${homeOf(vendors, use.vendor)}` };
      return within(checking, limit, (each) => checkVendor(use, vendors, each));
    }),
  ];
}

/** Servers of vendors whose keys are set keep time, and know ours only by chance. */
async function clocksOf(
  { vendors: config }: Config,
  { vendors: keys }: Secrets,
  signal: AbortSignal,
): Promise<readonly OtherClock[]> {
  const names = Object.keys(keys) as (keyof typeof keys)[];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(2000)]);
  const clocks = await Promise.all(
    names.map(async (name) => {
      const asked = await askServer(httpOf(homeOf({ config }, name)), systemClock.now, limited);
      return 'aheadMs' in asked && asked.aheadMs !== undefined ? [{ name, aheadMs: asked.aheadMs }] : [];
    }),
  );
  return clocks.flat();
}

async function call(livekit: ReachedLivekit | undefined, known: Known, heard: readonly Finding[], checking: Checking) {
  const { settings, agents } = known;
  const [agent] = agents;
  const inTheWay = livekit ? inTheWayOf(agent && firstVendors(agent), heard) : 'LiveKit';
  if (inTheWay !== undefined || !livekit || !settings || !agent)
    return checking.tell(untried(testCall.check, `${inTheWay ?? 'an agent'} comes first`));
  return within(checking, testCall, (each) => placeTestCall(livekit, { ...settings, agent, clock: systemClock }, each));
}

const firstVendors = ({ ears: [ear], model: [model], voice: [voice] }: Known['agents'][number]): readonly string[] =>
  ear && model && voice ? ['deepgram', model.kind, voice.kind] : [];

/** What the call would need and does not have. */
function inTheWayOf(vendors: readonly string[] | undefined, heard: readonly Finding[]): string | undefined {
  return vendors?.find((vendor) => !heard.some(({ check, verdict }) => check === vendor && verdict === 'well'));
}
