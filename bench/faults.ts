import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cellIn, linkHeardMs, writePeers } from '../test/support/call-fault-table.ts';
import { callFaults } from '../test/support/call-faults.ts';
import { type Figure, figureOf } from './figure.ts';
import { loadNow } from './machine.ts';
import { type PeerFault, peerFaults, type PeerResult, tryPeer } from './peers/faults.ts';
import { installPeer } from './peers/install.ts';

export interface FaultBenchOptions {
  /** The peer is left out. */
  readonly ours: boolean;
  readonly date: string;
  readonly write: boolean;
  readonly tell: (line: string) => void;
  readonly trouble: (line: string) => void;
}

const repetitions = 3;
const promiseMs = 2500;
const linkPromiseMs = 1000;
const root = fileURLToPath(new URL('..', import.meta.url));

/** Every fault of every vendor in a call of ours, and beside it, in the same run, those in which LiveKit Agents was seen to be silent. */
export async function benchFaults(options: FaultBenchOptions): Promise<readonly Figure[]> {
  const peers = options.ours ? new Map<PeerFault, readonly PeerResult[]>() : await playPeers(options);
  await playOurs(options.tell);
  if (options.ours) return ourFigures();
  const lines = linesOf(peers, options.date);
  options.tell(`\n${lines.join('\n')}`);
  if (options.write) writePeers(lines);
  return [...ourFigures(), ...[...peers].map(([fault, results]) => peerFigure(fault, results))];
}

async function playPeers(options: FaultBenchOptions): Promise<ReadonlyMap<PeerFault, readonly PeerResult[]>> {
  installPeer(options.tell);
  const peers = new Map<PeerFault, readonly PeerResult[]>();
  for (const fault of peerFaults) {
    // oxlint-disable-next-line no-await-in-loop -- one fault after the other: they would disturb each other
    peers.set(fault, await tried(fault, options));
  }
  return peers;
}

async function tried(fault: PeerFault, { tell, trouble }: FaultBenchOptions): Promise<readonly PeerResult[]> {
  const all = await Promise.allSettled(Array.from({ length: repetitions }, () => tryPeer(fault)));
  for (const each of all)
    if (each.status === 'rejected') trouble(`${titleOf(fault)}: ${String(each.reason).slice(0, 300)}`);
  const results = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  tell(`  LiveKit Agents, ${titleOf(fault)}: ${results.map(shown).join('; ')}   load ${loadNow()}`);
  return results;
}

const shown = ({ silenceMs, silent, completed, survived }: PeerResult): string =>
  `${silent ? `silent for ${silenceMs} ms and on` : `${silenceMs} ms`} · ${completed ? 'answered' : 'not answered'} · ${survived ? 'went on' : 'did not go on'}`;

/** The suite's own calls: they write their results into docs/faults.md. */
async function playOurs(tell: (line: string) => void): Promise<void> {
  tell('\n  ours, by the suite:');
  const args = ['--project', 'calls', 'test/calls/faults.test.ts', 'test/calls/link-faults.test.ts'];
  const child = spawn('node_modules/.bin/vitest', ['run', ...args], {
    cwd: root,
    env: { ...process.env, VOICECHART_SUITE: '1', NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (data: Buffer) => tell(data.toString().trimEnd()));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`the calls under faults failed (${code})`);
}

const silenceIn = (cell: string | undefined): number[] => (cell ? [Number(/^\d+/.exec(cell)?.[0])] : []);

function ourFigures(): Figure[] {
  const vendors = [...new Set(callFaults.map(({ vendor }) => vendor))];
  const silences = vendors.map((vendor) => {
    const names = callFaults.filter((fault) => fault.vendor === vendor).map(({ name }) => name);
    const ofVendor = names.map((name) => silenceIn(cellIn(vendor, name)));
    return figureOf({ name: `ours: longest silence, ${vendor}`, load: loadNow() }, ofVendor, [
      { of: 'max', atMost: promiseMs },
    ]);
  });
  const link = { name: 'ours: heard after the link to the room is back', load: loadNow() };
  return [...silences, figureOf(link, [linkHeardMs()], [{ of: 'max', atMost: linkPromiseMs }])];
}

const titleOf = ({ number, vendor, name }: PeerFault): string => `${number} ${vendor} ${name}`;

const peerFigure = (fault: PeerFault, results: readonly PeerResult[]): Figure =>
  figureOf({ name: `LiveKit Agents: silence, ${titleOf(fault)}`, load: loadNow() }, [
    results.map(({ silenceMs }) => silenceMs),
  ]);

function linesOf(peers: ReadonlyMap<PeerFault, readonly PeerResult[]>, date: string): string[] {
  const rows = [...peers].map(([fault, results]) => {
    const ours = cellIn(fault.vendor, fault.name) ?? '';
    return `| ${fault.number} | ${fault.vendor}: ${fault.name} | ${ours} | ${results.map(shown).join('<br>')} |`;
  });
  return [
    'The same emulators and the same measure, its caller and ear in memory (no room, no voice detector of its own, turns ended by the',
    `transcriber); each fault ${repetitions} times, the turn watched for 60 s, then the vendor is well again and the caller says something else. The`,
    `numbers are those under which the faults were first seen there. The peer was played on ${date}.`,
    '',
    '| | fault | ours | LiveKit Agents JS 1.9.0 |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
}
