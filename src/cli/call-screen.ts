import type { LogEntry } from '../runtime/call-log.ts';
import { conversationStates } from './conversation-states.ts';
import { type Style, styleOf } from './style.ts';

/** Prints a call as people read it: who said what, what was not heard, where the machine is, what it took. */
export interface Screen {
  line(text: string): void;
  entry(entry: LogEntry): void;
  /** What may still have changed is printed as it stands: nothing more comes. */
  end(): void;
}

type LineEntry = LogEntry & { kind: 'line' };

/** States in which what was said before is settled: a caller's tentative words, and the last words of a cut turn. */
const settles = /confirmed|speaking|lastWord|leaving|ended|away|collectingDigits|committing/;
const unspoken = new Set(
  'talking callerTurn early waiting deciding committing clear guarded guardEnding hushed voiced awaitingStt first between'.split(
    ' ',
  ),
);

export function createScreen(out: { write(text: string): void; readonly colours: boolean }): Screen {
  const style = styleOf(out.colours);
  const write = (text: string) => out.write(`${text}\n`);
  const waiting = new Map<string, string>();
  /** What was printed of each line: the next owner of a call tells its lines once more. */
  const printed = new Map<string, string>();
  let startedAt = 0;
  let lastAt = 0;
  let lastStates = '';
  let begun: LineEntry | undefined;

  const print = (text: string) => write(`${style.dim(clock(lastAt - startedAt))}  ${text}`);
  const settle = () => {
    for (const [id, text] of waiting) {
      if (printed.get(id) !== text) print(text);
      printed.set(id, text);
    }
    waiting.clear();
  };
  function showState(value: unknown): void {
    const names = conversationStates(value);
    if (settles.test(names.join(' '))) settle();
    const states = names.filter((name) => !unspoken.has(name)).join(' › ');
    if (states !== lastStates) print(style.dim(`        · ${states}`));
    lastStates = states;
  }
  function showLine(entry: LineEntry): void {
    const id = String(entry.data['id']);
    const text = lineText(entry, style);
    if (text === undefined || entry.data['removed']) waiting.delete(id);
    else waiting.set(id, text);
    if (entry.data.who === 'tool' || entry.data['finished'] === true) settle();
    begun = isBegun(entry) ? entry : undefined;
  }
  function showOwner(epoch: number): void {
    settle();
    if (begun) print(`${style.green('agent ')}  ${begun.pii.text}${style.dim('  (broken off)')}`);
    begun = undefined;
    print(style.bold(`        ⟳ another process goes on with the call (epoch ${epoch})`));
  }
  return {
    line: write,
    end: settle,
    entry(entry) {
      startedAt ||= entry.at;
      lastAt = Math.max(lastAt, entry.at);
      if (entry.kind === 'state' && entry.data.machine === 'call') showState(entry.data.value);
      if (entry.kind === 'line') showLine(entry);
      if (entry.kind === 'turn') showTimings(entry.data, (text) => print(style.dim(`        ⏱ ${text}`)));
      if (entry.kind === 'call' && entry.data.what === 'restored') showOwner(entry.data.epoch);
      if (entry.kind === 'call' && entry.data.what === 'ended') {
        settle();
        print(style.bold(`call ended: ${entry.data.why}`));
      }
    },
  };
}

/** The agent was in the middle of it. */
const isBegun = ({ data, pii }: LineEntry): boolean =>
  data.who === 'agent' && pii.text !== '' && !data.cut && data['finished'] !== true;

function clock(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}

function showTimings(data: Readonly<Record<string, unknown>>, print: (text: string) => void): void {
  const parts = [
    ['end of turn', data['endOfTurnMs']],
    ['model', data['modelMs']],
    ['voice', data['voiceMs']],
    ['own', data['ownMs']],
    ['reply', data['replyMs']],
  ].filter((part): part is [string, number] => typeof part[1] === 'number');
  if (parts.length > 0) print(`${parts.map(([name, ms]) => `${name} ${Math.round(ms)}`).join(' · ')} ms`);
}

/** A line as it stands; nothing while nobody has heard anything of it. */
function lineText({ data, pii: { text, unheard } }: LineEntry, style: Style): string | undefined {
  if (data.who === 'tool')
    return `${style.dim('tool  ')}  ${String(data['name'])}${data['ok'] === undefined ? ' …' : ` → ${text}`}`;
  if (text === '') return undefined;
  if (data.who === 'caller')
    return `${style.yellow('caller')}  ${text}${data['backchannel'] ? style.dim('  (backchannel: the agent goes on)') : ''}`;
  if (data.cut)
    return `${style.green('agent ')}  ${text} ${unheard ? style.strike(unheard) : ''}${style.dim('  (cut)')}`;
  return data['finished'] ? `${style.green('agent ')}  ${text}` : undefined;
}
