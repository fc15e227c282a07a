import { alertProblems } from './alert-checks.ts';
import { isLoopback, showAddress } from './address.ts';
import { flag } from './fields.ts';
import { type Environment, schema } from './schema.ts';

/** What is wrong with settings beside each other, one line each. */
export const crossChecks = (given: Environment): readonly string[] => [
  ...forbidden(given),
  ...clashes(given),
  ...halfOutbound(given),
  ...unreachable(given),
  ...sameHost(given),
  ...workersAlone(given),
  ...alertProblems(given),
];

function forbidden(given: Environment): readonly string[] {
  if (given['VOICECHART_ENV'] !== 'production') return [];
  const inspects = flag().safeParse(given['STATELY_INSPECT']).data === true;
  return inspects ? ['STATELY_INSPECT: must be 0 in production: it shows whole calls to a web page'] : [];
}

function halfOutbound(given: Environment): readonly string[] {
  const isAllowed = given['OUTBOUND_ALLOW'] !== undefined;
  if (isAllowed === (given['OUTBOUND_TRUNK'] !== undefined)) return [];
  return isAllowed
    ? ['OUTBOUND_TRUNK: is missing; with OUTBOUND_ALLOW it names the outbound trunk of sip.yaml that calls go over']
    : [
        'OUTBOUND_ALLOW: is missing; with OUTBOUND_TRUNK it lists the beginnings of numbers that may be called, such as +49',
      ];
}

function clashes(given: Environment): readonly string[] {
  const names = ['WEBHOOK_ADDR', 'API_ADDR', 'HEALTH_ADDR'] as const;
  const addresses = names.map((name) => schema.shape[name].safeParse(given[name]).data);
  return names.flatMap((name, index) => {
    const own = addresses[index];
    if (own === undefined || own.port === 0) return [];
    const shown = showAddress(own);
    const taken = addresses.findIndex((other) => other !== undefined && showAddress(other) === shown);
    return taken < index ? [`${name}: must differ from ${names[taken]}, both are ${shown}`] : [];
  });
}

/** Keys and sessions would travel in the clear. */
function unreachable(given: Environment): readonly string[] {
  const own = schema.shape.API_ADDR.safeParse(given['API_ADDR']).data;
  if (own === undefined || isLoopback(own.host) || given['CONSOLE_URL'] !== undefined) return [];
  return [
    `API_ADDR: must be of this machine (127.0.0.1, localhost or [::1]), not "${given['API_ADDR']}", unless CONSOLE_URL says by which https address its users come`,
  ];
}

/** What is to help when a host is away must be another one. */
function sameHost(given: Environment): readonly string[] {
  const [first, second] = (['LIVEKIT_URL', 'LIVEKIT_FALLBACK_URL'] as const).map(
    (name) => URL.parse(schema.shape[name].safeParse(given[name]).data ?? '')?.host,
  );
  return first !== undefined && first === second
    ? [`LIVEKIT_FALLBACK_URL: must be another host than LIVEKIT_URL, both are ${first}`]
    : [];
}

/** Without Redis calls are kept in a file that one process has. */
function workersAlone(given: Environment): readonly string[] {
  const wanted = schema.shape.WORKERS.safeParse(given['WORKERS'] ?? '0').data;
  if (wanted === undefined || wanted === 0 || given['REDIS_URL'] !== undefined) return [];
  return [
    `REDIS_URL: is missing; with WORKERS=${given['WORKERS']} processes share their calls, which only Redis lets them`,
  ];
}
