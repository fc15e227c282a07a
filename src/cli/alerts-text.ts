export const alertsHelp = `Usage: voicechart alerts <verb> [options]

What is wrong with an instance that runs, and whether anybody would hear of it.

  list              open alerts and the last ones that were, newest first
    --limit N       at most so many (20)
    --open          the open ones alone
  test              sends a test alert to ALERT_WEBHOOK_URL of that instance,
                    and tells what the receiver said

  --api URL         of the instance; API_ADDR by default
  --json            one line of JSON
  -h, --help        this text

VOICECHART_API_KEY is the key: viewer for list, operator for test.

Exit codes:
  0   done                              1   there is no receiver
  64  the command is written otherwise 69   no instance, or the receiver
  77  the key has no right to do this       did not take it
  78  a setting is wrong              130   stopped
`;

/** As the API lists it. */
export interface ListedAlert {
  readonly state: 'open' | 'resolved';
  readonly severity: string;
  readonly kind: string;
  readonly target: string;
  readonly summary: string;
  readonly count: number;
  readonly openedAt: number;
}

export const alertsText = (alerts: readonly ListedAlert[]): string =>
  alerts.map(line).join('') || 'There are no alerts.\n';

const line = ({ state, severity, kind, target, summary, count, openedAt }: ListedAlert): string =>
  `${new Date(openedAt).toISOString().slice(0, 19)}Z  ${state.padEnd(8)}  ${severity.padEnd(8)}  ${kind} ${target}` +
  `${count > 1 ? ` (${count} times)` : ''}: ${summary}\n`;
