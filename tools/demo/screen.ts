import type { LogEntry } from '../../src/runtime/call-log.ts';
import { conversationStates } from './record.ts';

/** Prints a call as people read it: who said what, what was not heard, where the machine is, what it took. */
export interface Screen {
  line(text: string): void;
  entry(entry: LogEntry): void;
}

interface Style {
  dim(text: string): string;
  bold(text: string): string;
  strike(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const plain: Style = { dim: (t) => t, bold: (t) => t, strike: (t) => `~${t}~`, green: (t) => t, yellow: (t) => t };
const escape = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const coloured: Style = {
  dim: escape(2, 22),
  bold: escape(1, 22),
  strike: escape(9, 29),
  green: escape(32, 39),
  yellow: escape(33, 39),
};

/** Writes to `out`; colours only for a terminal, and not with `NO_COLOR`. */
export function createScreen(out: NodeJS.WriteStream, quiet: boolean): Screen {
  const style = out.isTTY && !process.env['NO_COLOR'] ? coloured : plain;
  const write = (text: string) => void (quiet || out.write(`${text}\n`));
  const shown = new Map<string, string>();
  let startedAt = 0;
  const stamp = (at: number) => {
    startedAt ||= at;
    const seconds = Math.max(0, at - startedAt) / 1000;
    return style.dim(
      `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`,
    );
  };
  const once = (key: string, at: number, text: string) => {
    if (shown.get(key) === text) return;
    shown.set(key, text);
    write(`${stamp(at)}  ${text}`);
  };
  return {
    line: write,
    entry(entry) {
      const { at } = entry;
      startedAt ||= at;
      if (entry.kind === 'state' && entry.data.machine === 'call') {
        const names = conversationStates(entry.data.value);
        once('state', at, style.dim(`          · ${names.join(' › ')}`));
      }
      if (entry.kind === 'turn') once(`turn-${entry.data.turn}`, at, style.dim(timings(entry.data)));
      if (entry.kind === 'line') showLine(entry, style, (key, text) => once(key, at, text));
      if (entry.kind === 'call' && entry.data.what === 'ended')
        once('ended', at, style.bold(`call ended: ${entry.data.why}`));
    },
  };
}

function timings(data: Readonly<Record<string, unknown>>): string {
  const parts = [
    ['end of turn', data['endOfTurnMs']],
    ['model', data['modelMs']],
    ['voice', data['voiceMs']],
    ['own', data['ownMs']],
    ['reply', data['replyMs']],
  ].filter((part): part is [string, number] => typeof part[1] === 'number');
  return parts.length === 0
    ? ''
    : `          ⏱ ${parts.map(([name, ms]) => `${name} ${Math.round(ms)}`).join(' · ')} ms`;
}

function showLine(entry: LogEntry & { kind: 'line' }, style: Style, once: (key: string, text: string) => void): void {
  const data = entry.data as typeof entry.data & Readonly<Record<string, unknown>>;
  const { text, unheard } = entry.pii;
  const key = String(data['id']);
  if (data['removed']) return;
  if (data.who === 'caller' && data['backchannel'])
    return once(key, `${style.yellow('caller')}  ${text} ${style.dim('(backchannel: the agent goes on)')}`);
  if (data.who === 'caller') return once(key, `${style.yellow('caller')}  ${text}`);
  if (data.who === 'tool')
    return once(
      key,
      `${style.dim('tool')}    ${String(data['name'])}${data['ok'] === undefined ? ' …' : ` → ${text}`}`,
    );
  if (data.cut && text)
    return once(key, `${style.green('agent')}   ${text} ${unheard ? style.strike(unheard) : ''} ${style.dim('(cut)')}`);
  if (data['finished'] && text) once(key, `${style.green('agent')}   ${text}`);
}
