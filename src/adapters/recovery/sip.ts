import { applySip, type SipAdmin } from '../../actors/apply-sip.ts';
import type { SipMending } from '../../actors/mend-sip.ts';
import type { Work, Worked } from '../../actors/trouble.ts';
import type { Failure } from '../../failure.ts';
import { planOf, type SipChange, type SipFile, type SipPlan, type SipProblem, type SipThing } from '../../sip.ts';
import type { Target } from '../../targets.ts';
import { bearing, inTurn, noWay } from './work.ts';

type Reading = SipFile | { readonly problems: readonly SipProblem[] };

export interface SipLinesOptions {
  /** Of SIP_FILE, read anew each time; left out where none is set. */
  readonly file?: { readonly path: string; readonly read: () => Promise<Reading> } | undefined;
  /** Left out where there is no LiveKit. */
  readonly admin?: SipAdmin | undefined;
  /** Told what was changed at LiveKit. */
  readonly applied: (set: SipSet, changes: readonly SipChange[]) => void;
  /** Between readings, when somebody else changes the same. */
  readonly pause: () => Promise<void>;
}

export type SipSet = 'main' | 'backup';

/** Telephone lines as `sip.yaml` says. Nothing is ever removed here: what the file does not name, and twins, stay. */
export interface SipLines {
  /** The things of a set, or why there are none. */
  readonly read: (set: SipSet) => Work;
  readonly apply: (set: SipSet) => Work;
  /** Whether LiveKit can be made so: nothing that has to stay stands in the way. Changes nothing. */
  readonly check: (set: SipSet) => Work;
  /** Whether LiveKit is as the set says. */
  readonly readBack: (set: SipSet) => Work;
  /** Whether LiveKit has a thing of each name of the set, however it is; a file that cannot be read says nothing of that. */
  readonly lookFor: (set: SipSet) => Work;
}

const sparing = { prune: false, deletes: false } as const;

/** A set of the file, and the LiveKit that is to be so. */
interface Wanted {
  readonly path: string;
  readonly things: readonly SipThing[];
  readonly admin: SipAdmin;
}

export function createSipLines(options: SipLinesOptions): SipLines {
  const on = (set: SipSet, work: (wanted: Wanted, signal: AbortSignal) => Promise<Worked | Failure>) =>
    bearing(async (_, { signal }) => {
      const wanted = await wantedOf(options, set);
      return 'message' in wanted ? wanted : work(wanted, signal);
    });
  return {
    read: (set) => on(set, async ({ path, things }) => ({ did: `${path} has ${things.length} trunks and rules` })),
    apply: (set) =>
      on(set, async ({ things, admin }, signal) => {
        const { result, changes, last } = await applySip(admin, things, { ...sparing, signal, pause: options.pause });
        if (result === 'blocked') return blockedBy(last);
        if (changes.length > 0) options.applied(set, changes);
        return { did: changesText(changes) };
      }),
    check: (set) =>
      on(set, async ({ path, things, admin }) => {
        const plan = planOf(things, await admin.list(), sparing);
        return plan.blocked.length > 0
          ? blockedBy(plan)
          : { did: `LiveKit can have all ${things.length} trunks and rules of ${path}` };
      }),
    readBack: (set) =>
      on(set, async ({ path, things, admin }) => {
        const plan = planOf(things, await admin.list(), sparing);
        const [missing] = plan.changes;
        if (plan.blocked.length > 0) return blockedBy(plan);
        if (missing) return failed(`LiveKit is not as ${path} says: ${missing.kind} ${missing.name}`);
        return { did: `LiveKit has all ${things.length} trunks and rules of ${path}` };
      }),
    lookFor: (set) =>
      bearing(async () => {
        const wanted = await wantedOf(options, set);
        return 'message' in wanted ? { did: wanted.message } : lookedFor(wanted);
      }),
  };
}

async function lookedFor({ path, things, admin }: Wanted): Promise<Worked | Failure> {
  const { changes } = planOf(things, await admin.list(), sparing);
  const missing = changes.find((change) => change.do === 'create' || change.do === 'replace');
  if (missing) return failed(`LiveKit lacks ${missing.kind} ${missing.name} of ${path}`);
  return { did: `nothing of ${path} is missing` };
}

async function wantedOf({ file, admin }: SipLinesOptions, set: SipSet): Promise<Wanted | Failure> {
  if (!file || !admin) return failed('SIP_FILE is not set: it is not known which lines there should be');
  const { path, read } = file;
  const reading = await read();
  if ('problems' in reading) return failed(problemText(path, reading.problems));
  const things = set === 'main' ? reading.main : reading.backup;
  return things ? { path, things, admin } : failed(`${path} has no backup set`);
}

interface SipMendingOptions {
  readonly lines: SipLines;
  readonly look: Work;
  /** Whether this instance leads at this moment, and its posture stands: lines are the same for all instances, and one changes them. */
  readonly leads: () => Promise<boolean>;
}

export function createSipMending({ lines, look, leads }: SipMendingOptions): SipMending {
  const asLeader = (work: Work): Work =>
    bearing(async (trouble, options) =>
      (await leads())
        ? work(trouble, options)
        : failed('another instance writes the posture by now: lines are its to change'),
    );
  const answers: Work = (trouble, options) => look({ ...trouble, target: 'sip-gateway' }, options);
  return {
    checkConfig: lines.read('main'),
    reloadConfig: asLeader(lines.apply('main')),
    testConnection: inTurn(answers, lines.readBack('main')),
    // Behind a gateway that is away no set helps.
    checkBackup: inTurn(answers, lines.check('backup')),
    useBackupConfig: asLeader(inTurn(lines.apply('backup'), lines.readBack('backup'))),
    leadBack: asLeader(inTurn(lines.apply('main'), lines.readBack('main'))),
  };
}

const target: Target = 'livekit-sip';
const failed = (message: string): Failure => noWay(target, message, { class: 'sip' });

const problemText = (path: string, [first, ...others]: readonly SipProblem[]): string =>
  `${path}:${first?.line}:${first?.column}: ${first?.path ? `${first.path}: ` : ''}${first?.message}` +
  (others.length > 0 ? ` (and ${others.length} more)` : '');

const blockedBy = ({ blocked }: SipPlan): Failure =>
  failed(
    `nothing was changed: ${blocked.map(({ kind, name, wantedBy }) => `${kind} ${name} has what ${wantedBy} wants`).join(', ')}; voicechart sip apply --prune`,
  );

const changesText = (changes: readonly SipChange[]): string =>
  changes.length === 0
    ? 'LiveKit was as the file says already'
    : changes.map((change) => `${change.do} ${change.kind} ${change.name}`).join(', ');
