import { useEffect, useState } from 'preact/hooks';
import type { Chart } from '../../../src/runtime/chart.ts';
import { chartsNow } from '../api.ts';
import { layOut } from '../layout-engine.ts';
import type { PlacedPlate, Shape } from '../model/layout.ts';
import { type ChartIndex, indexOf } from '../model/plates.ts';
import { askUntilThere } from './ask-until-there.ts';

export interface Drawing {
  readonly index: ChartIndex;
  readonly plates: readonly PlacedPlate[];
}

export interface Drawings {
  readonly drawings: ReadonlyMap<string, Drawing>;
  readonly trouble?: string;
}

const narrow = '(max-width: 700px)';

/** These machines as they run, laid out for the width of the page. */
export function useCharts(...machines: readonly string[]): Drawings {
  const shape = useShape();
  const [known, setKnown] = useState<Drawings>({ drawings: new Map() });
  useEffect(() => {
    return askUntilThere(() => drawAll(machines, shape), {
      got: (drawings) => setKnown({ drawings }),
      failed: (trouble) => setKnown({ drawings: new Map(), trouble }),
    });
  }, [shape]);
  return known;
}

async function drawAll(machines: readonly string[], shape: Shape): Promise<ReadonlyMap<string, Drawing>> {
  const asked = (await chartsNow()).filter(({ machine }) => machines.includes(machine));
  const drawn = asked.map(async (chart: Chart) => {
    const drawing: Drawing = { index: indexOf(chart), plates: await layOut(chart, shape) };
    return [chart.machine, drawing] as const;
  });
  return new Map(await Promise.all(drawn));
}

function useShape(): Shape {
  const [isNarrow, setNarrow] = useState(() => matchMedia(narrow).matches);
  useEffect(() => {
    const query = matchMedia(narrow);
    const changed = () => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return isNarrow ? 'narrow' : 'wide';
}
