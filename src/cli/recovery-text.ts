import type { Incident } from '../machines/recovery/context.ts';
import type { Posture } from '../posture.ts';
import type { RecoveryEntry, RecoveryView } from '../runtime/recovery-view.ts';

export const recoveryHelp = `Usage: voicechart recovery <verb> [options]

What an instance that runs does about what fails, and the posture of all.

  status            where recovery is, what it waits for, what is open, and
                    what was done last; ends with 2 when something is open or
                    the posture is not normal
  ack               what was to be mended by hand is mended: it is looked at,
                    and what is well is an incident no more

  --api URL         of the instance; API_ADDR by default
  --json            one line of JSON
  -h, --help        this text

VOICECHART_API_KEY is the key: viewer for status, admin for ack.

Exit codes:
  0   done, and nothing is open         1   nothing is open to acknowledge
  2   status: something is not normal  64   the command is written otherwise
  69  no instance                      77   the key has no right to do this
  78  a setting is wrong              130   stopped
`;

/** Whether anything deviates: something is open, or calls are handled otherwise than the settings say. */
export const isCalm = ({ incidents, elsewhere, posture }: RecoveryView): boolean =>
  incidents.length + elsewhere.length === 0 && deviations(posture).length === 0;

/** For a person; of the journal the last ten. */
export function recoveryText(view: RecoveryView): string {
  const { trouble, queue, incidents, elsewhere, posture, leads, journal, waitsFor } = view;
  const rows: readonly (readonly [string, string])[] = [
    ['state', stateOf(view.value)],
    ['posture', [deviations(posture).join(', ') || 'normal', leads ? '(written here)' : ''].join(' ').trim()],
    ...(trouble ? [['mends', trouble.target] as const] : []),
    ...queue.map(({ target }) => ['queued', target] as const),
    ...incidents.map((each) => ['open', openLine(each)] as const),
    ...elsewhere.map((target) => ['open', `${target}, at another instance`] as const),
    ...waitsFor.work.map((name) => ['runs', name] as const),
    ...waitsFor.delays.map(({ name, dueAt }) => ['waits', `${name} until ${time(dueAt)}`] as const),
    ...waitsFor.health.map((target) => ['waits', `${target} to be healthy`] as const),
  ];
  return rows.map(([name, value]) => `${name.padEnd(8)} ${value}\n`).join('') + journal.slice(-10).map(done).join('');
}

function deviations({ mode, livekitHost, sipSet, avoid, limited }: Posture): readonly string[] {
  return [
    ...(mode === 'normal' ? [] : [mode]),
    ...(livekitHost === 'primary' ? [] : ['LiveKit: fallback host']),
    ...(sipSet === 'primary' ? [] : ['SIP: backup set']),
    ...avoid.map((vendor) => `avoids ${vendor}`),
    ...limited.map((operation) => `no ${operation}`),
  ];
}

/** `{ course: { network: 'waiting' }, standing: 'normal' }` is `network.waiting`. */
function stateOf(value: unknown): string {
  const path = (state: unknown): string =>
    typeof state === 'string'
      ? state
      : Object.entries(state as object)
          .map(([key, below]) => `${key}.${path(below)}`)
          .join(' ');
  return path((value as { readonly course: unknown }).course);
}

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const openLine = ({ target, critical, failure, since }: Incident): string =>
  `${target}${critical ? ' (critical)' : ''} since ${time(since)}${failure ? `: ${failure.message}` : ''}`;

const done = ({ at, box, target, did, failure }: RecoveryEntry): string =>
  `${time(at)}  ${box} ${target}: ${did ?? failure?.message ?? ''}\n`;
