import { type Mutant, mutantsOf } from './mutants.ts';
import { differs, type Tale, talesOf } from './tale.ts';
import type { Walk } from './walk.ts';
import type { Part } from './walk-parts.ts';

export interface Hunt {
  readonly mutants: readonly Mutant[];
  readonly survivors: readonly Mutant[];
}

/** Steps after which a mutant that lived as it should is let go. */
const mostSteps = 6000;

/** Puts every mutant of a part through what the machine that is right lived through; whichever lives otherwise is killed. */
export async function hunted({ nodes, walks }: Part): Promise<Hunt> {
  const all = walks();
  const mutants = mutantsOf(nodes(all[0]!.machine));
  const tales: Tale[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const walk of all) tales.push(...(await talesOf(walk)));
  const survivors: Mutant[] = [];
  for (const mutant of mutants)
    // oxlint-disable-next-line no-await-in-loop
    if (!(await isKilled(mutant, tales))) survivors.push(mutant);
  return { mutants, survivors };
}

async function isKilled(mutant: Mutant, tales: readonly Tale[]): Promise<boolean> {
  const machines = new Map<Walk, Walk>();
  const wrong = (walk: Walk): Walk => {
    const known = machines.get(walk) ?? { ...walk, machine: mutant.of(walk.machine) };
    machines.set(walk, known);
    return known;
  };
  let steps = 0;
  for (const tale of tellingTales(mutant, tales)) {
    // oxlint-disable-next-line no-await-in-loop -- one life after the other
    if (await differs(wrong(tale.walk), tale)) return true;
    steps += tale.steps.length;
    if (steps > mostSteps) return false;
  }
  return false;
}

/** Those in which it matters, the earliest first: the transition is taken, or the state at least is active, or passed through. */
function tellingTales({ transition, node }: Mutant, tales: readonly Tale[]): Tale[] {
  const taking = sorted(tales, ({ taken }) => (transition === undefined ? undefined : taken.get(transition)));
  const standing = sorted(tales, ({ stood }) => stood.get(node));
  const passing = sorted(tales, ({ left }) => left.get(node));
  return [...new Set([...taking, ...standing, ...passing])];
}

const sorted = (tales: readonly Tale[], stepOf: (tale: Tale) => number | undefined): Tale[] =>
  tales
    .flatMap((tale) => {
      const step = stepOf(tale);
      return step === undefined ? [] : [{ tale, step }];
    })
    .toSorted((one, next) => one.step - next.step)
    .map(({ tale }) => tale);
