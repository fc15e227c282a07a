import type { Applied } from '../actors/apply-sip.ts';
import type { SipChange, SipPlan } from '../sip.ts';

export const sipHelp = `Usage: voicechart sip <verb> [options]

What telephone numbers there are, who may call them and which agent answers is
written in one file, sip.yaml, and made so on the LiveKit server. Values such as
\${SIP_NUMBER} come from the environment; $\${ stands for \${ itself.

  diff               what apply would do
  apply              makes the server be as the file says; a second time changes
                     nothing. May be stopped at any moment and run again, also
                     by two people at once
  export             prints a file that says what the server has, with variables
                     in place of passwords

  -f, --file FILE    the file (SIP_FILE, else sip.yaml)
  --backup           the file's set \`backup\` instead of the main one
  --prune            also delete what is on the server and not in the file
  --json             one line of JSON
  -h, --help         this text

Settings: LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET. The server needs
Redis.

Exit codes:
  0   done; diff: no difference           1   refused by the server, or in the
  2   diff: there are differences             way of what the file does not name
  64  this command is written otherwise  69   the server is not reachable
  77  the key has no right to do this    78   the file or a setting is wrong
  130 stopped
`;

const signs = { create: '+', update: '~', replace: '~', delete: '-' } as const;
const nouns = { inbound: 'inbound trunk', outbound: 'outbound trunk', rule: 'rule' } as const;

const label = ({ kind, name, id }: Pick<SipChange, 'kind' | 'name' | 'id'>): string =>
  `${nouns[kind]} ${name || id || ''}`;

function changeLines(change: SipChange): readonly string[] {
  const was = change.was === undefined ? '' : `, in place of ${change.was}`;
  const fields = change.fields.map(({ field, from, to }) =>
    change.do === 'create' ? `      ${field}: ${to}` : `      ${field}: ${from} → ${to}`,
  );
  return [`  ${signs[change.do]} ${label(change)}${was}`, ...fields];
}

const blockLines = ({ blocked }: SipPlan): readonly string[] =>
  blocked.map(
    (block) =>
      `  ! ${label(block)} (${block.id}) is not in the file and has what ${block.wantedBy} is to have: ` +
      'name it in the file, or delete it with --prune',
  );

const extraLines = ({ extra, blocked }: SipPlan): readonly string[] =>
  extra
    .filter(({ id }) => blocked.every((block) => block.id !== id))
    .map((each) => `    ${label(each)} is not in the file and stays (--prune deletes it)${warningOf(each)}`);

const warningOf = (thing: SipPlan['extra'][number]): string =>
  thing.kind === 'rule' && thing.trunks.length === 0 ? ': it has no trunk and answers calls from anybody' : '';

const textOf = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

export const differenceText = (plan: SipPlan): string =>
  textOf(
    plan.changes.length + plan.blocked.length === 0 ? 'The server is as the file says.' : 'The server differs:',
    ...plan.changes.flatMap(changeLines),
    ...blockLines(plan),
    ...extraLines(plan),
  );

const headings = {
  unchanged: 'The server was as the file says; nothing was changed.',
  applied: 'The server is as the file says now:',
  blocked: 'Nothing was changed:',
} as const;
const heldUp = 'Somebody else has changed the server meanwhile; of these not everything was done:';

export const appliedText = ({ result, changes, last }: Applied): string =>
  textOf(
    result === 'blocked' && changes.length > 0 ? heldUp : headings[result],
    ...changes.flatMap(changeLines),
    ...blockLines(last),
    ...extraLines(last),
  );
