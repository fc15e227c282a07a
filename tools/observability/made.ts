import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardOf } from './dashboard.ts';
import { pageWith } from './page.ts';
import { rows } from './panels.ts';

/** Files that are made from the code, by their names below the root. */
export const made = (root: string): Readonly<Record<string, string>> => ({
  'deploy/observability/grafana-dashboard.json': `${JSON.stringify(dashboardOf(rows), undefined, 2)}\n`,
  'docs/metrics.md': pageWith(readFileSync(join(root, 'docs/metrics.md'), 'utf8')),
});
