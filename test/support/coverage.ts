import { nameOfTransition, transitionsOf } from './transitions.ts';
import { type Walked, walked } from './walked.ts';
import type { Part } from './walk-parts.ts';

/** What of a part was walked, and what was not as it should be. */
export interface Coverage {
  readonly states: number;
  readonly edges: number;
  readonly untimely: number;
  readonly transitions: number;
  readonly wrong: readonly string[];
  /** Transitions that no walk takes, and what is missing for that. */
  readonly untaken: readonly string[];
}

/** Takes every walk of a part. */
export async function covered(part: Part): Promise<Coverage> {
  const walks = part.walks();
  const results: Walked[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const walk of walks) results.push(await walked(walk));
  const sum = (count: 'states' | 'edges' | 'untimely') => results.reduce((total, each) => total + each[count], 0);
  const all = part.nodes(walks[0]!.machine).flatMap(transitionsOf);
  const taken = new Set(results.flatMap((result) => [...result.taken]));
  const offered = new Set(results.flatMap((result) => [...result.offered]));
  const where = part.tables.map((table) => `test/support/${table}`).join(' or ');
  return {
    states: sum('states'),
    edges: sum('edges'),
    untimely: sum('untimely'),
    transitions: all.length,
    wrong: results.flatMap(({ wrong }) => wrong),
    untaken: all
      .filter((each) => !taken.has(nameOfTransition(each)))
      .map((each) => {
        const isUnknown = each.eventType !== '' && !offered.has(each.eventType);
        const why = isUnknown ? `add "${each.eventType}" to ${where}` : 'its state or its guard is not reached';
        return `no walk of ${part.name} takes ${nameOfTransition(each)}: ${why}`;
      }),
  };
}
