export const securityHelp = `Usage: voicechart security <verb> [options]

Who an instance that runs refuses for a while, because of what came from there.

  blocks            lists them: addresses, numbers, beginnings of numbers
  clear ID          refuses one of them no longer

  --api URL         of the instance; API_ADDR by default
  --json            one line of JSON
  -h, --help        this text

VOICECHART_API_KEY is the key; it takes the role admin.

Exit codes:
  0   done                              1   clear: there is no such block
  64  the command is written otherwise 69   no instance answers
  77  the key has no right to do this  78   a setting is wrong
  130 stopped
`;

/** As the API lists it. */
export interface ListedBlock {
  readonly id: string;
  readonly kind: string;
  readonly source?: string;
  readonly pii?: { readonly phone: string };
  readonly why: string;
  readonly until: number;
}

export const blocksText = (blocks: readonly ListedBlock[]): string =>
  blocks.map(line).join('') || 'Nobody is refused.\n';

const line = ({ id, kind, source, pii, why, until }: ListedBlock): string =>
  `${id}  ${kind.padEnd(6)}  ${(source ?? pii?.phone ?? '').padEnd(24)}  ${why.padEnd(14)}  until ${new Date(until).toISOString().slice(0, 19)}Z\n`;
