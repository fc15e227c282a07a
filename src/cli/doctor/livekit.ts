import { createLivekitApi, type LivekitApi } from '../../adapters/livekit/api/api.ts';
import type { Clock } from '../../clock.ts';
import { ControlError } from '../../runtime/control-error.ts';
import type { Secret } from '../../secret.ts';
import { clockFinding, type OtherClock } from './clocks.ts';
import { type Checking, type Finding, toMend, untried, well } from './finding.ts';
import { askServer, httpOf } from './server.ts';

/** The LiveKit of the settings. */
export interface LivekitAccess {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: Secret;
}

/** A LiveKit that answers and takes our key. Its clock may be another one than ours. */
export interface ReachedLivekit extends LivekitAccess {
  readonly api: LivekitApi;
}

interface LivekitParts {
  readonly clock: Clock;
  /** What time it is elsewhere; asked only when LiveKit's clock and ours differ. */
  otherClocks(signal: AbortSignal): Promise<readonly OtherClock[]>;
}

const nobody = 'voicechart-check';

/** Reachable, the same time, our key: told apart. Nothing when one of them keeps all else from being tried. */
export async function checkLivekit(
  access: LivekitAccess,
  { clock, otherClocks }: LivekitParts,
  { tell, signal }: Checking,
): Promise<ReachedLivekit | undefined> {
  const { url } = access;
  const asked = await askServer(httpOf(url), clock.now, signal);
  if ('unreachable' in asked) {
    tell(toMend('livekit', `${url} is not reachable: ${asked.unreachable}`, mendOfUnreachable(url)));
    return undefined;
  }
  const { aheadMs, tookMs } = asked;
  if (aheadMs === undefined) tell(untried('clock', 'the answer tells no time'));
  else tell(clockFinding({ aheadMs }, Math.abs(aheadMs) > 2000 ? await otherClocks(signal) : []));
  const api = apiOf(access, clock);
  const tried = await tryKey(api);
  const shifted = { ...clock, now: () => clock.now() + (aheadMs ?? 0) };
  if (tried instanceof ControlError) {
    const byTheirClock = tried.code === 'unauthorized' && (await takesKey(access, shifted));
    tell(byTheirClock ? refusedByClock(access) : refusal(access, tried));
    await api.close();
    return undefined;
  }
  tell(well('livekit', `${url} takes the key ${access.apiKey}; ping ${tried} ms`, { pingMs: tried, firstMs: tookMs }));
  return { ...access, api };
}

const apiOf = ({ url, apiKey, apiSecret }: LivekitAccess, clock: Clock): LivekitApi =>
  createLivekitApi({ url, clock, key: () => ({ apiKey, apiSecret }) });

/** How long a request took over a connection that was open, in ms. */
async function tryKey(api: LivekitApi): Promise<number | ControlError> {
  try {
    await api.rooms.listRooms([nobody]);
    const askedAt = performance.now();
    await api.rooms.listRooms([nobody]);
    return Math.max(1, Math.round(performance.now() - askedAt));
  } catch (error) {
    if (error instanceof ControlError) return error;
    throw error;
  }
}

async function takesKey(access: LivekitAccess, clock: Clock): Promise<boolean> {
  const api = apiOf(access, clock);
  const tried = await tryKey(api);
  await api.close();
  return typeof tried === 'number';
}

const mendOfUnreachable = (url: string): string =>
  `start livekit-server, or export LIVEKIT_URL=…   (curl -v ${httpOf(url)} shows more)`;

const refusedByClock = ({ url }: LivekitAccess): Finding =>
  toMend('livekit', `${url} refuses our tokens, for the clocks alone: the key is right`, 'mend the clock, above');

function refusal({ url, apiKey }: LivekitAccess, { code, failure }: ControlError): Finding {
  if (/invalid API key/i.test(failure.message))
    return toMend(
      'livekit',
      `${url} knows no key ${apiKey}`,
      'export LIVEKIT_API_KEY=…   (one under `keys` in livekit.yaml)',
    );
  if (code === 'unauthorized')
    return toMend(
      'livekit',
      `${url} knows the key ${apiKey}, and LIVEKIT_API_SECRET is not its secret`,
      'export LIVEKIT_API_SECRET=…   (beside the key under `keys` in livekit.yaml)',
    );
  if (code === 'forbidden')
    return toMend(
      'livekit',
      `the key ${apiKey} may not list rooms`,
      'export LIVEKIT_API_KEY=…   (a key with all rights)',
    );
  return toMend('livekit', `${url} answers, but not as LiveKit: ${failure.message}`, mendOfUnreachable(url));
}
