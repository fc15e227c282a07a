import type { ModelMessage, ToolCall } from '../../actors/reply-model.ts';
import type { Phrases } from '../../agent.ts';

/** A tool that was started before a restore and whose result never came. */
export interface UnfinishedTool {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly input: string;
  readonly effect: 'none' | 'idempotent' | 'once';
}

/** What one agent turn is for. Plain JSON, no secret. */
export interface ReplyInput {
  readonly callKey: string;
  readonly turn: number;
  readonly callerTurn: number;
  readonly epoch: number;
  /** How long the caller had waited for an answer when this began. */
  readonly waitedMs: number;
  readonly language: string;
  /** Said before anything else: the part of the disclosure that was not heard. */
  readonly preface: string;
  /** Words that need no model; empty when the model is to answer. */
  readonly fixed: string;
  /** Stored phrases for when no voice can be had. */
  readonly standIns: readonly string[];
  readonly messages: readonly ModelMessage[];
  readonly unfinished: readonly UnfinishedTool[];
  /** Results of this phone call: the same wish is not carried out again. */
  readonly known: readonly { readonly key: string; readonly ok: boolean; readonly text: string }[];
  readonly phrases: Phrases;
  /** Models and voices in the order in which they are asked, at least one of each. */
  readonly models: readonly string[];
  readonly voices: readonly string[];
  /** Names of those whom the caller may be put through to. */
  readonly people: readonly string[];
}

/** Names an utterance for good, in characters that every vendor takes. Ends in the numbers of the agent's turn and, from the second on, of the voice. */
export const utteranceId = ({ callKey, epoch, turn }: ReplyInput, voice = 0): string =>
  `${safeName(callKey)}-${epoch}-${turn}${voice > 0 ? `v${voice}` : ''}`;

/** Names a tool call for good, in at most 200 characters: the same wish in the same turn of the caller is the same call. */
export const toolKey = (input: ReplyInput, { name, input: text }: ToolCall): string =>
  bounded(`${input.callKey}:${input.callerTurn}:${name}:${canonical(text)}`);

const longestKey = 200;

/** What is too long is cut and told apart by a hash of the whole. */
function bounded(key: string): string {
  if (key.length <= longestKey) return key;
  const hash = hashOf(key);
  return `${key.slice(0, longestKey - hash.length - 2).toWellFormed()}~${hash}`;
}

/** Two runs of FNV-1a with different beginnings, 64 bits in all: pure, so that a key is the same after a restore. */
const hashOf = (text: string): string => [0x811c9dc5, 0x050c5d1f].map((seed) => fnv1a(text, seed)).join('');

function fnv1a(text: string, seed: number): string {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function canonical(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, each]) => [key, sorted(each)]),
        )
      : value;

/** A call's key in letters, digits, `_`, `.` and `-`, at most 80 of them. */
export const safeName = (callKey: string): string => callKey.replace(/[^\w.-]/g, '_').slice(-80);
