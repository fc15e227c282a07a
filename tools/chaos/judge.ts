import type { LogEntry } from '../../src/runtime/call-log.ts';
import type { Lived } from './caller.ts';

/** All that is known of a call when it is over. */
export interface CallFile {
  readonly lived: Lived;
  /** Its log; empty when the system knows nothing of it. */
  readonly entries: readonly LogEntry[];
}

/** What is left when all callers have hung up. */
export interface Leftovers {
  /** Calls that the store still holds for open. */
  readonly openCalls: readonly string[];
  /** Agents of ours in rooms. */
  readonly agentsInRooms: readonly string[];
  /** Keys of bookings as they were begun, one each time. */
  readonly bookings: readonly string[];
  /** The longest queue that was seen, and how long it may be. */
  readonly longestQueue: number;
  readonly queueBound: number;
}

/** A rule that did not hold: which, and what shows it. */
export interface Breach {
  readonly rule: string;
  readonly what: string;
}

const mostRepeated = 2;
/** Sound is lost on a busy machine too: one word of an answer. */
const mostDamaged = 1;

/** The rules of a call that outlives its process, each held against what callers heard and what the stores hold. */
export function judge(files: readonly CallFile[], left: Leftovers): Breach[] {
  return [...files.flatMap(breachesOf), ...leftoverBreaches(left)];
}

function breachesOf(file: CallFile): Breach[] {
  const { lived } = file;
  const rules: Record<string, string | undefined> = {
    'every caller is answered': lived.greetedAt === undefined ? `heard nothing (${lived.ended})` : undefined,
    'no call is dropped': lived.greetedAt && lived.ended !== 'hung_up' ? `ended by ${lived.ended}` : undefined,
    'every question is answered': unanswered(lived),
    'no word is said again but two for each change of hands': saidAgain(file),
    'epochs grow': epochsOf(file).some((epoch, index, all) => index > 0 && epoch <= all[index - 1]!)
      ? `restored as ${epochsOf(file).join(', ')}`
      : undefined,
    'a call begins once and ends once': beginnings(file),
    'the log has no gaps': gaps(file),
  };
  return Object.entries(rules).flatMap(([rule, what]) => (what ? [{ rule, what: `${lived.callKey}: ${what}` }] : []));
}

function unanswered({ asked }: Lived): string | undefined {
  const failed = asked.find(({ told }) => !told.isWhole || told.missing.length > mostDamaged);
  if (!failed) return undefined;
  const { question, told, saidAt } = failed;
  return `"${question.asks}", said ${saidAt.length} time(s): ${told.missing.length} word(s) lost, ${told.isWhole ? 'to the end' : 'not to the end'}`;
}

/** Who asked again may be answered again. */
function saidAgain(file: CallFile): string | undefined {
  const hands = epochsOf(file).length;
  const repeated = file.lived.asked
    .filter(({ saidAt }) => saidAt.length === 1)
    .reduce((sum, { told }) => sum + told.repeated, 0);
  return repeated > mostRepeated * hands ? `${repeated} word(s) again with ${hands} change(s) of hands` : undefined;
}

/** Epochs of those who took the call over. */
export const epochsOf = ({ entries }: CallFile): readonly number[] =>
  entries.flatMap((entry) => (entry.kind === 'call' && entry.data.what === 'restored' ? [entry.data.epoch] : []));

/** How often an owner let go of the call between two turns. */
export const handoversOf = ({ entries }: CallFile): number =>
  entries.filter((entry) => entry.kind === 'state' && /handedOver/.test(JSON.stringify(entry.data['active']))).length;

function beginnings({ entries }: CallFile): string | undefined {
  const count = (what: string) => entries.filter((entry) => entry.kind === 'call' && entry.data.what === what).length;
  const [started, ended] = [count('started'), count('ended')];
  return started === 1 && ended === 1 ? undefined : `${started} beginning(s), ${ended} end(s) in its log`;
}

const gaps = ({ entries }: CallFile): string | undefined =>
  entries.every(({ seq }, index) => seq === index + 1) ? undefined : 'numbers of entries are missing';

function leftoverBreaches(left: Leftovers): Breach[] {
  const twice = left.bookings.filter((key, index, all) => all.indexOf(key) !== index);
  return [
    ...left.openCalls.map((what) => ({ rule: 'what has ended holds nothing', what: `${what} is open` })),
    ...left.agentsInRooms.map((what) => ({ rule: 'what has ended holds nothing', what: `${what} is in its room` })),
    ...twice.map((what) => ({ rule: 'nothing is done twice that must not be', what: `booked again: ${what}` })),
    ...(left.longestQueue > left.queueBound
      ? [{ rule: 'queues keep to their bounds', what: `${left.longestQueue} calls waited` }]
      : []),
  ];
}

/** Things that must have happened at least once, or the run has shown nothing. */
export interface Happened {
  readonly takeovers: number;
  readonly fencings: number;
  readonly duplicates: number;
  readonly repairs: number;
  readonly handovers: number;
}
