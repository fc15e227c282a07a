import type { Egress } from '../../actors/egress.ts';
import { isMissing } from './api/room-errors.ts';

/**
 * The recorders of several hosts as one. What is asked goes to the first of them, and to the next where that one does not know
 * the room or the egress: it may have been begun there. A host that gives no answer is not passed over.
 */
export function createEgressOfHosts(recorders: () => readonly [Egress, ...Egress[]]): Egress {
  async function first<Answer>(ask: (recorder: Egress) => Promise<Answer>): Promise<Answer> {
    const [here, ...others] = recorders();
    return others.reduce((answer, other) => answer.catch((error) => elsewhere(error, () => ask(other))), ask(here));
  }
  return {
    start: (order) => first((recorder) => recorder.start(order)),
    async list(which) {
      const [here, ...others] = recorders();
      const found = await here.list(which);
      if (found.length > 0) return found;
      return (await Promise.all(others.map((other) => other.list(which)))).flat();
    },
    stop: (egressId) => first((recorder) => recorder.stop(egressId)),
    updateLayout: (egressId, layout) => first((recorder) => recorder.updateLayout(egressId, layout)),
    updateStream: (egressId, urls) => first((recorder) => recorder.updateStream(egressId, urls)),
  };
}

function elsewhere<Answer>(error: unknown, ask: () => Promise<Answer>): Promise<Answer> {
  if (isMissing(error)) return ask();
  throw error;
}
