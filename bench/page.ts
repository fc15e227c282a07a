import { cpuLine, markdownOf, type Report } from './report.ts';

/** docs/performance.md. */
export function performancePage({ date, machine, figures, troubles, cpu }: Report): string {
  return `# Performance

Written by \`npm run bench -- turn --write\` on ${date}: ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}. ${cpuLine(cpu)}
${troubles.length > 0 ? `\n${troubles.map((line) => `- ${line}`).join('\n')}\n` : ''}
${markdownOf(figures)}
`;
}
