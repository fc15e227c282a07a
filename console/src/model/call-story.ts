import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { floorOf, type Floor } from './floor.ts';
import { lastedAs, type Line, lineId, lineOf, type Voice } from './line.ts';
import { type MachineNow, machineNow } from './machine-now.ts';

export interface Turn {
  readonly turn: number;
  readonly [stage: string]: number;
}

/** Who had the floor from this moment on. */
export interface Span {
  readonly from: number;
  readonly floor: Floor;
}

export type MarkKind = 'cut' | 'backchannel' | 'tool' | 'digit' | 'restored' | 'operator' | 'ended';

export interface Mark {
  readonly at: number;
  readonly kind: MarkKind;
  readonly text: string;
}

/** What a call's log comes to, up to some entry. */
export interface CallStory {
  readonly seq: number;
  readonly startedAt?: number;
  /** Latest moment any entry speaks of. */
  readonly at: number;
  readonly endedAt?: number;
  readonly why?: string;
  readonly phone?: string;
  readonly agent?: string;
  readonly call?: MachineNow;
  readonly reply?: MachineNow;
  /** In the order they were first seen. */
  readonly lines: ReadonlyMap<string, Line>;
  readonly turns: ReadonlyMap<number, Turn>;
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
  readonly last?: { readonly type: string; readonly at: number };
  /** Raised by each owner who takes the call over. */
  readonly epoch: number;
  /** The caller's latest sound: the end is missing while it goes on. */
  readonly voice?: Voice;
}

export const noStory: CallStory = {
  seq: 0,
  at: 0,
  epoch: 1,
  lines: new Map(),
  turns: new Map(),
  spans: [],
  marks: [],
};

/** The story after some more entries; entries that were told before are passed over, as after a reconnect. */
export function tell(before: CallStory, entries: readonly LogEntry[]): CallStory {
  const story: Draft = {
    ...before,
    lines: new Map(before.lines),
    turns: new Map(before.turns),
    spans: [...before.spans],
    marks: [...before.marks],
  };
  for (const entry of entries) if (entry.seq > story.seq) take(story, entry);
  return story;
}

type Draft = { -readonly [K in keyof CallStory]: CallStory[K] } & {
  lines: Map<string, Line>;
  turns: Map<number, Turn>;
  spans: Span[];
  marks: Mark[];
};

function take(story: Draft, entry: LogEntry): void {
  story.seq = entry.seq;
  story.startedAt ??= entry.at;
  story.at = Math.max(story.at, entry.at);
  if (entry.kind === 'call') takeMilestone(story, entry);
  if (entry.kind === 'line') takeLine(story, entry);
  if (entry.kind === 'state') takeState(story, entry);
  if (entry.kind === 'event') takeEvent(story, entry);
  if (entry.kind === 'turn') story.turns.set(entry.data.turn, entry.data as unknown as Turn);
}

function takeMilestone(story: Draft, { at, data, pii }: LogEntry & { kind: 'call' }): void {
  if (pii?.phone !== undefined) story.phone = pii.phone;
  if ((data.what === 'started' || data.what === 'ordered') && data.agent !== undefined) story.agent = data.agent;
  if (data.what === 'restored') takeOver(story, data.epoch);
  if (data.what !== 'ended') return;
  story.endedAt = at;
  story.why = data.why;
  delete story.reply;
  mark(story, 'ended', data.why);
}

function takeOver(story: Draft, epoch: number): void {
  story.epoch = epoch;
  mark(story, 'restored', `taken over (epoch ${epoch})`);
}

function takeLine(story: Draft, entry: LogEntry & { kind: 'line' }): void {
  const before = story.lines.get(lineId(entry));
  const line = lastedAs(story.voice, lineOf(entry, before, story.at));
  if (entry.data['removed']) return void story.lines.delete(line.id);
  story.lines.set(line.id, line);
  if (line.who === 'tool' && !before) mark(story, 'tool', `tool ${line.name}`);
  if (line.backchannel && !before) mark(story, 'backchannel', `backchannel “${line.text}”`);
  if (line.cut && line.text && !before?.cut) mark(story, 'cut', 'the caller took the floor');
}

function takeState(story: Draft, entry: LogEntry & { kind: 'state' }): void {
  const { machine } = entry.data;
  if (machine === 'reply') story.reply = machineNow(story.reply, entry);
  if (machine !== 'call') return;
  story.call = machineNow(story.call, entry);
  const floor = floorOf(entry.data.value);
  if (story.spans.at(-1)?.floor !== floor) story.spans.push({ from: story.at, floor });
}

const operators: Readonly<Record<string, string>> = {
  'call.say': 'operator: say',
  'call.transfer': 'operator: put through',
  'call.hang_up': 'operator: hang up',
};

function takeEvent(story: Draft, { at, data, pii }: LogEntry & { kind: 'event' }): void {
  story.last = { type: data.type, at };
  if (data.type === 'caller.voice_started') story.voice = { from: at - Number(data['onsetMs'] ?? 0) };
  if (data.type === 'caller.voice_stopped') takeSilence(story, at - Number(data['quietMs'] ?? 0));
  if (data.type === 'caller.digit') mark(story, 'digit', `key ${String(pii?.['digit'] ?? '')}`);
  const operator = operators[data.type];
  if (operator !== undefined) mark(story, 'operator', operator);
}

function takeSilence(story: Draft, until: number): void {
  if (!story.voice) return;
  story.voice = { ...story.voice, until };
  const said = [...story.lines.values()].at(-1);
  if (said) story.lines.set(said.id, lastedAs(story.voice, said));
}

const mark = (story: Draft, kind: MarkKind, text: string): void => void story.marks.push({ at: story.at, kind, text });
