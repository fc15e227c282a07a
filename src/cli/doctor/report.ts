import { styleOf } from '../style.ts';
import type { Finding, Verdict } from './finding.ts';

export const doctorHelp = `Usage: voicechart doctor [options]

Looks at everything a call needs, tells what it sees, and for all that is wrong
the command that mends it: settings and agents, LiveKit, its clock, its rooms
and its webhooks, telephone numbers and the SIP gateway, the vendors' keys,
where calls are kept. At the end it places a call of its own. What it makes on
the server it removes again. It may run beside an instance, and takes half a
minute at most; each vendor is asked for a word or two, which costs next to
nothing.

  -f, --file FILE    the file of telephone lines (SIP_FILE, else sip.yaml)
  --no-call          places no call
  --json             one line of JSON
  -h, --help         this text

Settings: those of \`npm start\`, and LIVEKIT_SIP_ADDR, where livekit-sip is.

Exit codes:
  0   nothing to mend                       1   something is to be mended
  64  this command is written otherwise   130   stopped
`;

const width = 80;
const labelWidth = 13;
const marks = { well: '✓', mend: '✗', know: '!', untried: '-' } as const satisfies Record<Verdict, string>;

/** One finding, for a terminal. */
export function findingText({ check, verdict, saw, mend }: Finding, colours: boolean): string {
  const style = styleOf(colours);
  const paint = { well: style.green, mend: style.red, know: style.yellow, untried: style.dim }[verdict];
  const indent = ' '.repeat(4 + labelWidth);
  const body = wrapped(saw, width - indent.length);
  const lines = body.map((line, n) =>
    n === 0 ? `  ${paint(marks[verdict])} ${check.padEnd(labelWidth)}${line}` : `${indent}${line}`,
  );
  const fixes = mend === undefined ? [] : mendLines(mend).map((line) => `      ${style.bold(line)}`);
  return [...lines, ...fixes].map((line) => `${line}\n`).join('');
}

/** A command is not broken: it is there to be copied. What is said of it comes in brackets. */
function mendLines(mend: string): readonly string[] {
  const line = `mend: ${mend}`;
  const at = line.indexOf('   (');
  return line.length <= width - 6 || at < 0 ? [line] : [line.slice(0, at), `      ${line.slice(at).trim()}`];
}

/** Lines of at most so many characters; a word that is longer stays whole. */
export function wrapped(text: string, most: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The last line. */
export function sumText(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number => findings.filter((each) => each.verdict === verdict).length;
  const parts = [`${count('mend')} to mend`, `${count('know')} to know`];
  return `\n${parts.join(', ')}.\n`;
}
