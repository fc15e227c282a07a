import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CallFault, callFaults, type VendorUnderTest, vendorsUnderTest } from './call-faults.ts';

/** What became of a call under one fault. */
export interface FaultResult {
  readonly fault: Pick<CallFault, 'vendor' | 'name'>;
  readonly outcome: 'went on' | 'said goodbye';
  /** The longest silence at the ear while something was owed. */
  readonly silenceMs: number;
  /** The turn in which the vendor failed was answered. */
  readonly completed: boolean;
  /** From the caller's last sound in that turn until he had heard an answer whole, in this turn or the next. */
  readonly normalMs?: number;
}

const page = fileURLToPath(new URL('../../docs/faults.md', import.meta.url));
const first = 'the vendor …';

/** Writes what was seen into `docs/faults.md`; faults that were not tried keep what was seen of them before. */
export function writeFaultTable(results: readonly FaultResult[]): void {
  const before = existsSync(page) ? cellsOf(readFileSync(page, 'utf8')) : new Map<string, string>();
  const cell = (name: string, vendor: VendorUnderTest) => {
    const found = results.find(({ fault }) => fault.name === name && fault.vendor === vendor);
    return found ? cellOf(found) : (before.get(`${vendor}: ${name}`) ?? '');
  };
  const names = [...new Set(callFaults.map(({ name }) => name))];
  const rows = names.map((name) => rowOf([name, ...vendorsUnderTest.map((vendor) => cell(name, vendor))]));
  const head = [rowOf([first, ...vendorsUnderTest]), rowOf([first, ...vendorsUnderTest].map(() => '---'))];
  const below = [...sectionBefore(linkHeading), ...peersBefore(cell)];
  writeFileSync(page, [...heading, ...head, ...rows, '', ...below].join('\n'));
}

const cellOf = ({ silenceMs, completed, outcome, normalMs }: FaultResult): string => {
  const normal = normalMs === undefined ? 'never' : `${(normalMs / 1000).toFixed(1)} s`;
  return `${silenceMs} ms · ${completed ? 'answered' : 'not answered'} · ${outcome} · ${normal}`;
};

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What a written page holds, by vendor and fault. */
function cellsOf(text: string): Map<string, string> {
  const rows = text.split('\n').flatMap((line) => (line.startsWith('| ') ? [line.slice(2, -2).split(' | ')] : []));
  const vendors = rows.find(([name]) => name === first)?.slice(1) ?? [];
  return new Map(
    rows.flatMap(([name, ...cells]) =>
      cells.map((cell, index): [string, string] => [`${vendors[index]}: ${name}`, cell.trim()]),
    ),
  );
}

const heading = [
  '# What a caller hears when a vendor fails',
  '',
  'Each call runs over the real livekit-server with emulated vendors. After the greeting one vendor breaks, the caller says something,',
  'and is answered; then the vendor is well again, and the caller says something else. A cell holds the longest silence at the',
  "caller's ear while something was owed to him (from his last sound until the agent, having said something, listens again),",
  'whether the turn was answered, what became of the call (it went on, or the agent said goodbye by stored phrases and hung up), and',
  'how long after his last sound he had heard an answer whole, in this turn or the next. Where a model or a voice breaks, the second',
  'of the list (OpenAI and Groq, Cartesia and OpenAI) completes the answer, each word once. In every call the history held what was',
  'heard and nothing else. The promise is 2,500 ms. Where several fail at once nobody is left to complete the turn: the caller is told',
  'that something went wrong, and the call goes on.',
  '',
  'Written by `npm run bench -- faults --write`, with `--ours` without the peer.',
  '',
];

const peersHeading = '## Beside LiveKit Agents JS 1.9.0';

/** What the page says of the peer, which is written by the benchmark; what it says of us beside it is told anew. */
function peersBefore(ours: (name: string, vendor: VendorUnderTest) => string): string[] {
  if (!existsSync(page)) return [];
  const [, peers] = readFileSync(page, 'utf8').split(peersHeading);
  if (peers === undefined) return [];
  const renewed = peers.replaceAll(
    /^(\| M\d+ \| (\w+): ([^|]+) \|)[^|]*\|/gm,
    (_, fault: string, vendor: VendorUnderTest, name: string) => `${fault} ${ours(name, vendor)} |`,
  );
  return [`${peersHeading}${renewed}`];
}

/** What a caller met when the link to the room failed. */
export interface LinkResult {
  readonly fault: string;
  /** Both ways were up again so long after the fault. */
  readonly awayMs: number;
  /** … and the agent was heard so long after that. */
  readonly heardMs: number;
  readonly completed: boolean;
}

const linkHeading = '## The link to the room';
const linkText = [
  'The agent is in the middle of an answer when its own link fails: by each kind of `Room.simulateScenario`, by the death of its server,',
  'or of the node that its room is at. A row holds for how long either way to the room was down, how long after both were up the agent',
  'was heard, and whether the answer was then heard to its end, each word once, and the next turn answered. The promise is 1,000 ms.',
  'Where TCP or TLS is forced there is none here: the agent gives the link up after 5 s and joins anew.',
  'Written by the same.',
];
const linkHead = ['fault', 'away', 'heard after', 'answer'];

/** Writes what was seen of the link under the table of the vendors; faults that were not tried keep what was seen before. */
export function writeLinkTable(results: readonly LinkResult[]): void {
  const before = linkRowsBefore();
  for (const { fault, awayMs, heardMs, completed } of results)
    before.set(fault, `${(awayMs / 1000).toFixed(1)} s | ${heardMs} ms | ${completed ? 'whole' : 'not whole'}`);
  const rows = [...before].map((cells) => rowOf(cells));
  const table = [rowOf(linkHead), rowOf(linkHead.map(() => '---')), ...rows];
  const [vendors = ''] = readFileSync(page, 'utf8').split(/^## /m);
  const section = [linkHeading, '', ...linkText, '', ...table, '', ...peersBefore(cellBefore)];
  writeFileSync(page, [vendors.trimEnd(), '', ...section].join('\n'));
}

const cellBefore = (name: string, vendor: VendorUnderTest): string => cellIn(vendor, name) ?? '';

/** How long after each break of the link the agent was heard, as the page holds it. */
export const linkHeardMs = (): number[] =>
  [...linkRowsBefore().values()].map((cells) => Number(/\| (\d+) ms/.exec(cells)?.[1]));

function linkRowsBefore(): Map<string, string> {
  const rows = sectionBefore(linkHeading).filter((line) => line.startsWith('| '));
  return new Map(rows.slice(2).map((row) => row.slice(2, -2).split(/ \| (.*)/s, 2) as [string, string]));
}

/** A section of the page as it stands, heading and last empty line included; nothing where there is none. */
function sectionBefore(heading: string): string[] {
  if (!existsSync(page)) return [];
  const [, section] = readFileSync(page, 'utf8').split(heading);
  if (section === undefined) return [];
  const [text = ''] = section.split(/^## /m);
  return [...`${heading}${text.trimEnd()}`.split('\n'), ''];
}

/** Writes what was seen of the peer under the tables of ours. */
export function writePeers(lines: readonly string[]): void {
  const [ours = ''] = readFileSync(page, 'utf8').split(peersHeading);
  writeFileSync(page, [ours.trimEnd(), '', peersHeading, '', ...lines, ''].join('\n'));
}

/** What the page holds of one fault of one vendor: `1203 ms · answered · went on · 4.1 s`. */
export const cellIn = (vendor: string, name: string): string | undefined =>
  cellsOf(readFileSync(page, 'utf8')).get(`${vendor}: ${name}`);
