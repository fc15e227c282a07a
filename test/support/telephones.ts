import { startLiveKitFront } from '../../emulators/livekit/front.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { openSipExchange, type SipExchange } from '../../emulators/sip-phone/exchange.ts';
import type { TelephoneSettingsInput } from '../../emulators/sip-phone/settings.ts';
import { startLivekitSip } from '../../tools/services/livekit-sip.ts';
import type { Deployment } from './deployment.ts';
import type { LivekitWithRedis } from './livekit-with-redis.ts';
import type { LivekitAccess } from './services.ts';

/** Who is called, in the room or behind a real gateway. */
export interface Telephone {
  readonly status: string;
  readonly phone: Pick<Phone, 'when' | 'heard' | 'sayWords' | 'sendDigits'>;
  answer(): Promise<void>;
  hangUp(): Promise<void>;
}

/** A gateway and the telephones behind it. */
export interface Telephones {
  /** Where LiveKit answers that has this gateway. */
  readonly livekit: { readonly url: string; readonly httpUrl: string };
  /** Of the outbound trunk. */
  readonly address: string;
  /** The first call to this number that was not asked for before, past or to come. */
  called(number: string): Promise<Telephone>;
  /** How many calls went out; to one number, where it is named. */
  timesCalled(number?: string): number;
  change(settings: TelephoneSettingsInput): void;
  close(): Promise<void>;
}

/** The program that is the gateway: livekit-sip of the August 2026 line. Without it the front plays the gateway. */
const gatewayProgram = process.env['LIVEKIT_SIP_BIN'];

/** Behind the real gateway that LIVEKIT_SIP_BIN names, with telephones on UDP; else those of the front. */
export const openTelephones = (server: LivekitWithRedis, settings: TelephoneSettingsInput): Promise<Telephones> =>
  gatewayProgram ? behindGateway(gatewayProgram, server, settings) : behindFront(server, settings);

async function behindFront(server: LivekitWithRedis, settings: TelephoneSettingsInput): Promise<Telephones> {
  const { url: upstream, apiKey, apiSecret } = server;
  const front = await startLiveKitFront({ upstream, apiKey, apiSecret, settings });
  const to = (number?: string) => front.calls().filter(({ outgoing }) => !number || outgoing.number === number);
  return {
    livekit: { url: front.url, httpUrl: front.httpUrl },
    address: '127.0.0.1:5080',
    called: front.called,
    timesCalled: (number) => to(number).length,
    change: front.settings.change,
    close: front.close,
  };
}

async function behindGateway(
  command: string,
  server: LivekitWithRedis,
  settings: TelephoneSettingsInput,
): Promise<Telephones> {
  const exchange = await openSipExchange(settings);
  const gateway = await startLivekitSip({ command, livekit: server, redisAddress: server.redisAddress });
  return telephonesOf(server, exchange, () => gateway.stop());
}

/** Behind the gateway of a deployment, which must reach this machine by UDP. */
export const deployedTelephones = async ({ livekit, host }: Deployment, settings: TelephoneSettingsInput) =>
  telephonesOf(livekit, await openSipExchange(settings, host), async () => undefined);

const telephonesOf = (
  { url, httpUrl }: LivekitAccess,
  exchange: SipExchange,
  stop: () => Promise<void>,
): Telephones => ({
  livekit: { url, httpUrl },
  address: exchange.address,
  called: exchange.called,
  timesCalled: (number) => exchange.calls().filter((call) => !number || call.number === number).length,
  change: exchange.settings.change,
  async close() {
    await exchange.close();
    await stop();
  },
});
