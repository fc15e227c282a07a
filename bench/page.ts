import { cpuLine, markdownOf, type Report } from './report.ts';

/** docs/performance.md. */
export function performancePage({ date, machine, figures, troubles, cpu }: Report): string {
  return `# Performance

Written by \`npm run bench -- turn --write\` on ${date}: ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}. ${cpuLine(cpu)}

A real livekit-server, real media and the vendors' SDKs; phones and instance are processes of their own on the same machine. The vendors are
emulated and take the time they are set to: the final word comes 150 ms after the caller's last sound (interims after 300 ms, then every 250),
the model's first token after 250 ms and the next every 20, the first sound of the voice after 130: 530 ms of a reply are theirs.

- *Edge* is our process: a frame that was read → a frame handed to rtc-node. *Ear* is what the phone hears, so that both ways through the
  server and two jitter buffers are in it.
- \`-plain\` agents do not think ahead (\`speculate: false\`): what they take longer is what thinking ahead saves. *Own part* is measured on
  them: turn decided → model asked, first clause complete → voice asked, first bytes of voice → captureFrame.
- A call costs what it costs beside a bare echo bot on rtc-node in the same run, which joins, publishes, reads and writes, and nothing else.
- *p50 by repetition* is the spread of the medians of single calls.
${troubles.length > 0 ? `\nLeft out:\n\n${troubles.map((line) => `- ${line}`).join('\n')}\n` : ''}
${markdownOf(figures)}
`;
}
