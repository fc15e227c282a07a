import type { ApiKey } from '../runtime/api-keys.ts';

export const apiKeysHelp = `Usage: voicechart api-keys <verb> [options]

Keys of the operators' API and of the console. A request carries one as
Authorization: Bearer vck_…; the console asks for one and logs a browser in.
A running instance knows a new key at once, and a revoked one no longer.

  create                   prints a new key, this once
    --role ROLE            viewer sees calls and what is said in them;
                           operator also commands calls and makes things;
                           admin may do everything
    --name NAME            whose it is

  list                     all keys, without the keys themselves
  revoke ID                ends a key and its sessions

  --json                   one line of JSON
  -h, --help               this text

Settings: DATA_DIR, the folder of the instance (.data by default).

Exit codes:
  0   done                                   1   revoke: there is no such key
  64  this command is written otherwise     78   a setting is wrong
`;

/** One key a line, oldest first. */
export function listText(keys: readonly ApiKey[]): string {
  if (keys.length === 0) return 'there are no keys yet\n';
  return keys.map((key) => `${lineOf(key)}\n`).join('');
}

function lineOf({ id, role, name, createdAt, revokedAt }: ApiKey): string {
  const state = revokedAt === undefined ? `since ${dayOf(createdAt)}` : `revoked ${dayOf(revokedAt)}`;
  return `${id}  ${role.padEnd(8)}  ${state.padEnd(18)}  ${name}`;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
