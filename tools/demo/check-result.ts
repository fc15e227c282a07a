import { text } from 'node:stream/consumers';
import { demoResult } from './summary.ts';

/** Reads what `npm run demo -- --once --json` printed and lets its last line through when it is a result. */
const last = (await text(process.stdin)).trim().split('\n').at(-1) ?? '';
const parsed = demoResult.safeParse(jsonOf(last));
if (parsed.success) process.stdout.write(`${last}\n`);
else {
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'line'}: ${message}`);
  process.stderr.write(`The last line of the demo is no result: ${last.slice(0, 200)}\n${problems.join('\n')}\n`);
  process.exitCode = 1;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
