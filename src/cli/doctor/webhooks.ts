import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { type Address, type Config, isLoopback, reachable, type Secrets, showAddress } from '../../config.ts';
import { listen, type Listener } from '../../http/listen.ts';
import { webhookPath, webhookRoutes } from '../../http/webhooks.ts';
import { isRoomWebhook } from '../../runtime/livekit-webhook.ts';
import { witnessing } from '../../runtime/witness.ts';
import { type Checking, type Finding, toMend, untried, well } from './finding.ts';
import type { LivekitAccess, ReachedLivekit } from './livekit.ts';
import { ownAddressTowards } from './server.ts';

/** Settings of the door that LiveKit's webhooks come to. */
export interface WebhookDoor extends Pick<Config, 'webhookAddr' | 'healthAddr' | 'roomPrefix'> {
  readonly keys: Secrets['livekitKeys'];
}

/** Who listens where webhooks come: this check itself, an instance that runs, or a stranger. */
interface Witness {
  readonly who: 'doctor' | 'instance';
  saw(room: string): Promise<boolean>;
  /** Words for why a webhook that came was not believed. */
  readonly forged: ReadonlySet<string>;
  close(): Promise<void>;
}

const arrivesWithinMs = 6000;
const askEveryMs = 100;

/** The name of a room in which no instance answers, whatever prefix its rooms have. */
export function roomBeside(roomPrefix: string): string {
  const name = `voicechart-check-${randomBytes(6).toString('hex')}`;
  return name.startsWith(roomPrefix) ? `check-${name}` : name;
}

/**
 * Makes a room, and waits for LiveKit to tell so where our webhooks come: at the instance that runs here, else at a door of
 * our own. The room is nobody's, so no call begins.
 */
export async function checkWebhooks(
  livekit: ReachedLivekit,
  door: WebhookDoor,
  clock: Clock,
  checking: Checking,
): Promise<void> {
  const { tell } = checking;
  const room = roomBeside(door.roomPrefix);
  const witness = await openWitness(door, room, clock);
  if ('check' in witness) tell(witness);
  try {
    const askedAt = performance.now();
    await livekit.api.rooms.createRoom({ name: room, emptyTimeout: 30, maxParticipants: 1 });
    const arrived = 'check' in witness ? undefined : await arrival(witness, room, checking);
    tell(well('rooms', 'one was made and deleted', { madeMs: (arrived?.madeAt ?? performance.now()) - askedAt }));
    if (arrived && !('check' in witness)) tell(await findingOf(arrived, witness, livekit, door));
  } finally {
    await livekit.api.rooms.deleteRoom(room).catch(() => undefined);
    if (!('check' in witness)) await witness.close();
  }
}

interface Arrival {
  readonly madeAt: number;
  readonly tookMs?: number;
}

async function arrival(witness: Witness, room: string, { signal }: Checking): Promise<Arrival> {
  const madeAt = performance.now();
  while (performance.now() - madeAt < arrivesWithinMs && !signal.aborted) {
    if (await witness.saw(room)) return { madeAt, tookMs: Math.round(performance.now() - madeAt) };
    await delay(askEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return { madeAt };
}

async function openWitness(door: WebhookDoor, room: string, clock: Clock): Promise<Witness | Finding> {
  const { webhookAddr: address } = door;
  if (address.port === 0) return untried('webhooks', 'WEBHOOK_ADDR has port 0: nobody can be told where to send them');
  try {
    return await ownDoor(door, room, clock);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') return toMend('webhooks', message, 'export WEBHOOK_ADDR=…');
    return askInstance(door);
  }
}

/** Believes what an instance believes; whatever is none of ours it leaves to whoever comes next: LiveKit sends it again. */
async function ownDoor({ webhookAddr, keys }: WebhookDoor, room: string, clock: Clock): Promise<Witness> {
  const { intake, saw } = witnessing({
    receive: async (webhook) => (isRoomWebhook(webhook) && webhook.room.name === room ? 'ignored' : 'full'),
  });
  const forged = new Set<string>();
  const note = ({ outcome, detail }: { outcome: string; detail: string }) =>
    void (outcome === 'forged' && forged.add(detail));
  const app = webhookRoutes({ keys, intake, clock, note });
  const listener: Listener = await listen(app, { setting: 'WEBHOOK_ADDR', address: webhookAddr, clock });
  return { who: 'doctor', forged, saw: async (room) => saw(room), close: () => listener.close({ graceMs: 0 }) };
}

async function askInstance({ webhookAddr, healthAddr }: WebhookDoor): Promise<Witness | Finding> {
  const saw = async (room: string): Promise<boolean | undefined> => {
    const url = `http://${showAddress(reachable(healthAddr))}/webhooks/${encodeURIComponent(room)}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    const said = (await answer?.json().catch(() => undefined)) as { arrived?: unknown } | undefined;
    return typeof said?.arrived === 'boolean' ? said.arrived : undefined;
  };
  if ((await saw('none')) === undefined)
    return toMend(
      'webhooks',
      `${showAddress(webhookAddr)} is taken, and at HEALTH_ADDR ${showAddress(healthAddr)} no instance answers`,
      `end the program that has the port (ss -ltnp 'sport = :${webhookAddr.port}'), or export WEBHOOK_ADDR=…`,
    );
  return { who: 'instance', forged: new Set(), saw: async (room) => (await saw(room)) === true, close: async () => {} };
}

async function findingOf(
  { tookMs }: Arrival,
  { who, forged }: Witness,
  { url, apiKey }: ReachedLivekit,
  { webhookAddr }: WebhookDoor,
): Promise<Finding> {
  const at = `${showAddress(webhookAddr)}${who === 'instance' ? ', where an instance runs' : ''}`;
  if (tookMs !== undefined) return well('webhooks', `LiveKit’s arrive at ${at}, after ${tookMs} ms`, { tookMs });
  const [reason] = forged;
  if (reason !== undefined) return notBelieved(reason, at, apiKey);
  const target = await ownUrl(url, webhookAddr);
  return toMend(
    'webhooks',
    `a room was made and LiveKit told nobody at ${at}: it sends its webhooks elsewhere or nowhere; no call is answered`,
    whereToSay({ url, apiKey }, target, webhookAddr),
  );
}

/** Where somebody tells LiveKit where to send its webhooks. */
export function whereToSay(
  { url, apiKey }: Pick<LivekitAccess, 'url' | 'apiKey'>,
  target: string,
  own: Address,
): string {
  const { hostname } = new URL(url);
  // Somebody's own server and we are on one network; to LiveKit Cloud our address means nothing.
  if (hostname.endsWith('.livekit.cloud'))
    return `at https://cloud.livekit.io, Settings, Webhooks: https://…${webhookPath}, led to ${showAddress(own)}`;
  const here = `export WEBHOOK_ADDR=0.0.0.0:${own.port}, since ${showAddress(own)} takes none from there`;
  const there = `in livekit.yaml: webhook: { api_key: ${apiKey}, urls: ["${target}"] }, and restart it`;
  return isLoopback(own.host) && !isLoopback(hostname) ? `${there}; ${here}` : there;
}

/** Where a LiveKit would find us. */
async function ownUrl(url: string, { host, port }: Address): Promise<string> {
  const given = isLoopback(host) || host === '0.0.0.0' || host === '::' ? await ownAddressTowards(url) : host;
  return `http://${showAddress({ host: given ?? 'this-host', port })}${webhookPath}`;
}

function notBelieved(reason: string, at: string, apiKey: string): Finding {
  const saw = `LiveKit’s arrive at ${at}, but are not believed: ${reason}`;
  if (/expired|not_yet/.test(reason)) return toMend('webhooks', saw, 'mend the clock, above');
  return toMend('webhooks', saw, `in livekit.yaml: webhook: { api_key: ${apiKey} }, a key whose secret is known here`);
}
