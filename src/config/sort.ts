import type { AlertReceiver, Config, OutboundConfig, Secrets } from './config.ts';
import { type LivekitSettings, mustBeLong } from './livekit.ts';
import { given, type Settings } from './schema.ts';

const dayMs = 24 * 60 * 60_000;

/** Settings in the places where they are used; secrets apart. */
export function sort(
  settings: Settings,
  livekit: LivekitSettings,
  { livekitKeys, storages, readSip }: Pick<Secrets, 'livekitKeys' | 'storages' | 'readSip'>,
): { readonly config: Config; readonly secrets: Secrets } {
  return {
    config: {
      production: settings.VOICECHART_ENV === 'production',
      livekitUrl: settings.LIVEKIT_URL,
      ...given({ livekitFallbackUrl: settings.LIVEKIT_FALLBACK_URL }),
      ...given({ livekitKeysFile: settings.LIVEKIT_KEYS_FILE }),
      allowInsecureLivekit: settings.ALLOW_INSECURE_LIVEKIT,
      longLivekitKeys: mustBeLong(livekit),
      workerHealth: given({
        sip: settings.SIP_WORKER_HEALTH_URL,
        egress: settings.EGRESS_WORKER_HEALTH_URL,
        ingress: settings.INGRESS_WORKER_HEALTH_URL,
      }),
      ...given({ livekitSipAddr: settings.LIVEKIT_SIP_ADDR, sipFile: settings.SIP_FILE }),
      vendors: {
        deepgram: given({ baseUrl: settings.DEEPGRAM_BASE_URL }),
        openai: given({ baseUrl: settings.OPENAI_BASE_URL }),
        groq: given({ baseUrl: settings.GROQ_BASE_URL }),
        cartesia: given({ baseUrl: settings.CARTESIA_BASE_URL, caFile: settings.CARTESIA_CA_FILE }),
      },
      agents: settings.AGENTS,
      roomPrefix: settings.ROOM_PREFIX,
      declaredRooms: settings.DECLARED_ROOMS,
      roomLimits: { rooms: settings.MAX_ROOMS, participants: settings.MAX_PARTICIPANTS },
      ingressHosts: settings.INGRESS_HOSTS ?? [],
      webhookAddr: settings.WEBHOOK_ADDR,
      apiAddr: settings.API_ADDR,
      ...given({ consoleUrl: settings.CONSOLE_URL }),
      healthAddr: settings.HEALTH_ADDR,
      dataDir: settings.DATA_DIR,
      keepCallsMs: settings.KEEP_CALLS_DAYS * dayMs,
      drainMs: settings.DRAIN_SECONDS * 1000,
      ...outboundOf(settings),
      security: {
        premium: settings.PREMIUM_PREFIXES,
        callsPerMinute: settings.CALLS_PER_NUMBER,
        trustedProxies: settings.TRUSTED_PROXIES ?? [],
      },
      ...given({ failsafeTransferTo: settings.FAILSAFE_TRANSFER_TO }),
      alerts: { allowInside: settings.ALERT_WEBHOOK_INSIDE, ...given({ heartbeatMs: settings.ALERT_HEARTBEAT_MS }) },
      ...tracesOf(settings),
      callLimits: given({
        calls: settings.MAX_CALLS,
        perTrunk: settings.MAX_CALLS_PER_TRUNK,
        perNumber: settings.MAX_CALLS_PER_NUMBER,
      }),
      workers: settings.WORKERS,
      statelyInspect: settings.STATELY_INSPECT,
      logLevel: settings.LOG_LEVEL,
    },
    secrets: {
      livekitKeys,
      ...given({ redisUrl: settings.REDIS_URL }),
      ...alertsOf(settings),
      traceHeaders: settings.OTEL_EXPORTER_OTLP_HEADERS ?? new Map(),
      vendors: given({
        deepgram: settings.DEEPGRAM_API_KEY,
        openai: settings.OPENAI_API_KEY,
        groq: settings.GROQ_API_KEY,
        cartesia: settings.CARTESIA_API_KEY,
      }),
      storages,
      readSip,
    },
  };
}

function outboundOf(settings: Settings): { readonly outbound?: OutboundConfig } {
  const { OUTBOUND_ALLOW: allow, OUTBOUND_TRUNK: trunk } = settings;
  if (allow === undefined || trunk === undefined) return {};
  const { OUTBOUND_CONCURRENT: concurrent, OUTBOUND_DAILY_MINUTES: dailyMinutes } = settings;
  return { outbound: { allow, trunk, concurrent, dailyMinutes } };
}

function tracesOf(settings: Settings): Pick<Config, 'traces'> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: service } = settings;
  return endpoint === undefined ? {} : { traces: { endpoint, service } };
}

function alertsOf(settings: Settings): { readonly alerts?: AlertReceiver } {
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRETS: signing } = settings;
  if (url === undefined || signing === undefined) return {};
  return { alerts: { url, signing, ...given({ heartbeatUrl: settings.ALERT_HEARTBEAT_URL }) } };
}
