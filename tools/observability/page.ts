import { catalogue } from '../../src/runtime/metrics/catalogue.ts';
import type { Definition } from '../../src/runtime/metrics/definition.ts';

const begin = '<!-- every metric: written by `node tools/run.js tools/observability/main.ts --write` -->';
const end = '<!-- end -->';

/** The page with its table of every metric as the code has them. */
export function pageWith(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/metrics.md has no place for the table');
  return `${page.slice(0, from)}${begin}\n\n${table()}\n\n${page.slice(to)}`;
}

const table = (): string =>
  [
    '| metric | what | labels |',
    '| --- | --- | --- |',
    ...Object.entries<Definition>(catalogue).map(
      ([name, definition]) => `| \`${name}\` | ${definition.type}: ${definition.help} | ${labelsOf(definition)} |`,
    ),
  ].join('\n');

/** Longer sets are told by their first three: methods of LiveKit's API, targets, kinds of alert. */
const mostShown = 8;

const labelsOf = ({ labels }: Definition): string =>
  Object.entries<readonly string[]>(labels)
    .map(
      ([label, set]) => `\`${label}\`: ${set.length > mostShown ? `${set.slice(0, 3).join(', ')} …` : set.join(', ')}`,
    )
    .join('; ');
