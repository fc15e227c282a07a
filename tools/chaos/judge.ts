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
  /** What Redis still keeps of open calls. */
  readonly keysInRedis: readonly string[];
  /** Webhooks that were forged, and taken. */
  readonly believed: number;
  /** Ids of revoked tokens that were called good afterwards. */
  readonly revokedAccepted: readonly string[];
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
const crashesBorne = 2;
/** Sound is lost on a busy machine too: one word of an answer; and two more each time that the caller's own line fails. */
const mostDamaged = 1;
const mostDamagedByLine = 2;
/** The next owner puts out the one before as soon as it has joined; how long that takes is up to the machine. */
const mostTwoVoicesMs = 1_500;

/**
 * The rules of a call that outlives its process, each held against what callers heard and what the stores hold:
 *
 * 1. One owner writes at a time: *one agent has a voice*, *the log has no gaps*.
 * 2. *Epochs grow.*
 * 3. A webhook counts once: *a call begins once and ends once*, *nothing forged is believed*.
 * 4. Who joins is served: *every caller is answered*, *no call is dropped*.
 * 5. No turn is lost or said twice: *every question is answered*, *no word is said again but two for each change of hands*.
 * 6. *What has ended holds nothing*: no open call, nobody in a room, no record and no mail.
 * 7. *A revoked token is never good again.*
 * 8. *Queues keep to their bounds.*
 * 9. What cannot be undone is done once, and written down once: *nothing is done twice*, *what was done is in the log*.
 * 10. With faults stopped all is well within a minute: the sixth is held against what is left then.
 */
export function judge(files: readonly CallFile[], left: Leftovers): Breach[] {
  const begunAt = Math.min(...files.map(({ lived }) => lived.joinedAt));
  return [...files.flatMap((file) => breachesOf(file, left, begunAt)), ...leftoverBreaches(left)];
}

/** `begunAt`: of the run, so that a reader finds the strike that was next to it. */
function breachesOf(file: CallFile, { bookings }: Leftovers, begunAt: number): Breach[] {
  const { lived } = file;
  const rules: Record<string, string | undefined> = {
    'every caller is answered': lived.greetedAt === undefined ? `heard nothing (${lived.ended})` : undefined,
    'no call is dropped': dropped(file),
    'every question is answered': isGivenUp(file) ? undefined : unanswered(lived, begunAt),
    'no word is said again but two for each change of hands': saidAgain(file),
    'one agent has a voice': twoVoices(lived),
    'epochs grow': epochsOf(file).some((epoch, index, all) => index > 0 && epoch <= all[index - 1]!)
      ? `restored as ${epochsOf(file).join(', ')}`
      : undefined,
    'a call begins once and ends once': beginnings(file),
    'the log has no gaps': gaps(file),
    'what was done is in the log': unwritten(file, bookings),
  };
  return Object.entries(rules).flatMap(([rule, what]) => (what ? [{ rule, what: `${lived.callKey}: ${what}` }] : []));
}

function dropped(file: CallFile): string | undefined {
  const { greetedAt, ended } = file.lived;
  const isOurs = greetedAt !== undefined && ended !== 'hung_up' && !isGivenUp(file);
  return isOurs ? `ended by ${ended}; ${whyOf(file)}` : undefined;
}

function twoVoices({ twoVoicesMs, reconnects }: Lived): string | undefined {
  const isTooLong = reconnects === 0 && twoVoicesMs > mostTwoVoicesMs;
  return isTooLong ? `two for ${twoVoicesMs} ms` : undefined;
}

function unanswered({ asked, isCutShort, reconnects }: Lived, begunAt: number): string | undefined {
  const most = mostDamaged + mostDamagedByLine * reconnects;
  const failed = asked
    .slice(0, isCutShort ? -1 : undefined)
    .find(({ told }) => !told.isWhole || told.missing.length > most);
  if (!failed) return undefined;
  const { question, told, saidAt } = failed;
  const at = saidAt.map((saidMs) => Math.round((saidMs - begunAt) / 1000)).join(', ');
  const lost = told.missing.length > 0 ? `lost: ${told.missing.join(' ')}` : 'no word lost';
  return `"${question.asks}", said at ${at} s, ${told.isWhole ? 'answered to the end' : 'not answered to the end'}, ${lost}`;
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

/** Three owners died on it within a minute of their claims: it was apologised for, as it is to be. */
export const isGivenUp = (file: CallFile): boolean =>
  whyOf(file) === 'crashed too often' && epochsOf(file).length > crashesBorne;

const whyOf = ({ entries }: CallFile): string =>
  entries.flatMap((entry) => (entry.kind === 'call' && entry.data.what === 'ended' ? [entry.data.why] : [])).join() ||
  'its log has no end';

function beginnings({ entries }: CallFile): string | undefined {
  const count = (what: string) => entries.filter((entry) => entry.kind === 'call' && entry.data.what === what).length;
  const [started, ended] = [count('started'), count('ended')];
  return started === 1 && ended === 1 ? undefined : `${started} beginning(s), ${ended} end(s) in its log`;
}

const gaps = ({ entries }: CallFile): string | undefined =>
  entries.every(({ seq }, index) => seq === index + 1) ? undefined : 'numbers of entries are missing';

/** What was done and what is in the transcript; of what was begun nobody may know whether it was done. */
function unwritten({ lived: { callKey }, entries }: CallFile, bookings: readonly string[]): string | undefined {
  const done = new Set(bookings.filter((key) => key.startsWith(`${callKey}:`))).size;
  const lines = entries.flatMap(({ kind, data }) => (kind === 'line' && data['name'] === 'book' ? [data['id']] : []));
  const written = new Set(lines).size;
  return done > written ? `booked ${done} time(s), ${written} of them in its log` : undefined;
}

function leftoverBreaches(left: Leftovers): Breach[] {
  const twice = left.bookings.filter((key, index, all) => all.indexOf(key) !== index);
  return [
    ...left.openCalls.map((what) => ({ rule: 'what has ended holds nothing', what: `${what} is open` })),
    ...left.agentsInRooms.map((what) => ({ rule: 'what has ended holds nothing', what: `${what} is in its room` })),
    ...left.keysInRedis.map((what) => ({ rule: 'what has ended holds nothing', what: `Redis has ${what}` })),
    ...left.revokedAccepted.map((what) => ({ rule: 'a revoked token is never good again', what })),
    ...(left.believed > 0 ? [{ rule: 'nothing forged is believed', what: `${left.believed} webhook(s)` }] : []),
    ...twice.map((what) => ({ rule: 'nothing is done twice', what: `booked again: ${what}` })),
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
  /** Forged webhooks that came. */
  readonly forgeries: number;
  /** Times that a revoked token was called so. */
  readonly revocations: number;
}
