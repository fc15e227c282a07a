import { distance } from '../nearest.ts';

const prefixes = [
  'LIVEKIT_',
  'DEEPGRAM_',
  'OPENAI_',
  'GROQ_',
  'CARTESIA_',
  'VOICECHART_',
  'STATELY_',
  'WEBHOOK_',
  'HEALTH_',
  'AGENTS_',
  'OUTBOUND_',
  'INGRESS_',
  'SIP_WORKER_',
  'EGRESS_WORKER_',
  'DECLARED_',
  'CONSOLE_',
  'PREMIUM_',
  'TRUSTED_',
  'FAILSAFE_',
  'ALERT_',
  'ALERTS_',
];

/**
 * Read by the vendors' own tools; they mean nothing here, every option of the clients is set by us. The first one is for the
 * command line.
 */
const foreign = new Set([
  'VOICECHART_API_KEY',
  'LIVEKIT_KEYS',
  'LIVEKIT_CONFIG',
  'OPENAI_ORG_ID',
  'OPENAI_ORGANIZATION',
  'OPENAI_PROJECT_ID',
  'OPENAI_ADMIN_KEY',
  'OPENAI_WEBHOOK_SECRET',
  'OPENAI_CUSTOM_HEADERS',
  'OPENAI_LOG',
  'CARTESIA_CUSTOM_HEADERS',
  'CARTESIA_LOG',
]);

/** Keys that look like ours and are not, each with the one that was probably meant. */
export function unknownKeys(names: readonly string[], known: readonly string[]): readonly string[] {
  return names
    .filter((name) => !known.includes(name) && !foreign.has(name) && !isOfKubernetes(name, names))
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) || isTypo(inOurWords(name), known))
    .map((name) => `${name}: there is no such setting${suggestion(name, known)}`);
}

/** Kubernetes tells every container where each service of its namespace is, one of the name `livekit` too. */
const isOfKubernetes = (name: string, names: readonly string[]): boolean =>
  names.some((each) => {
    const service = /^(.+_)SERVICE_HOST$/.exec(each)?.[1];
    return service !== undefined && (name.startsWith(`${service}SERVICE_`) || name.startsWith(`${service}PORT`));
  });

const otherWords: Readonly<Record<string, string>> = {
  ADDRESS: 'ADDR',
  DIRECTORY: 'DIR',
  FOLDER: 'DIR',
  LVL: 'LEVEL',
};

/** `DATA_FOLDER` is what others call `DATA_DIR`. */
const inOurWords = (name: string): string =>
  name
    .split('_')
    .map((word) => otherWords[word] ?? word)
    .join('_');

function suggestion(name: string, known: readonly string[]): string {
  const near = inOurWords(name);
  const likeness = (other: string): number => (hasAllWords(other, near) ? 0 : distance(near, other));
  const nearest = known.filter((other) => likeness(other) <= 3).sort((a, b) => likeness(a) - likeness(b))[0];
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** `LIVEKIT_SECRET` is short for `LIVEKIT_API_SECRET`. */
const hasAllWords = (whole: string, part: string): boolean =>
  part.split('_').every((word) => whole.split('_').includes(word)) && part.includes('_');

/** At most one slip in a name too long to be somebody else's by chance. */
const isTypo = (name: string, known: readonly string[]): boolean =>
  name.length >= 7 && known.some((other) => distance(name, other) <= 1);
