import type { Bed } from '../bed.ts';
import type { Figure } from '../figure.ts';
import type { TurnBenchOptions } from '../turn.ts';

export async function measureCost(_bed: Bed, _options: TurnBenchOptions): Promise<readonly Figure[]> {
  return [];
}
