import type { Figure } from './figure.ts';
import { sectionsOf, type SectionName, titles } from './page/sections.ts';
import { cpuLine, markdownOf, type Report } from './report.ts';

const head = `# Performance

Each section was measured by the command that it names, on the day and the machine that it names; \`npm run bench -- --help\` tells of them all.
*p50 by repetition* is the spread of the medians of single repetitions (a call, a run, a bed), *load* the machine's load average meanwhile: above the
number of cores a figure says more about the neighbours than about us.
`;

const headings = Object.entries(titles) as [SectionName, string][];

/** docs/performance.md with what was measured now; sections of which nothing was measured stay as they are. */
export function renewedPage(page: string, report: Report): string {
  const renewed = new Map(sectionsOf(report.bench, report.figures).map((each) => [each.name, bodyOf(report, each)]));
  const bodies = headings.flatMap(([name, title]) => {
    const body = renewed.get(name) ?? standing(page, title);
    return body === undefined ? [] : [`## ${title}\n\n${body.trim()}\n`];
  });
  return [head, ...bodies].join('\n');
}

/** What stands under this heading. */
function standing(page: string, title: string): string | undefined {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  return section?.slice(title.length);
}

function bodyOf(report: Report, { about, figures }: { about: string; figures: readonly Figure[] }): string {
  const { command, date, machine, troubles, cpu } = report;
  const where = `${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}`;
  const left = troubles.length > 0 ? ['Left out:', '', ...troubles.map((line) => `- ${line}`), ''] : [];
  return [
    `Written by \`${command}\` on ${date}: ${where}. ${cpuLine(cpu)}`,
    '',
    ...(about ? [about, ''] : []),
    ...left,
    markdownOf(figures),
  ].join('\n');
}
