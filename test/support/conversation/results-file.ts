import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

const file = new URL('../../../docs/conversation.md', import.meta.url);
const between = /(<!-- results -->\n)[^]*?(<!-- end of results -->)/;

/** Puts tables into the document, with where and when they were measured. */
export function writeResults(tables: string): void {
  const document = readFileSync(file, 'utf8');
  if (!between.test(document)) throw new Error('docs/conversation.md has no place for results');
  writeFileSync(
    file,
    document.replace(between, (_, from: string, to: string) => `${from}\n${where()}\n\n${tables}\n\n${to}`),
  );
}

function where(): string {
  const day = new Date().toISOString().slice(0, 10);
  const load = loadavg()
    .map((each) => each.toFixed(1))
    .join(', ');
  return `${day}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, load average at the end ${load}.`;
}
