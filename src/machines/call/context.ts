import type { Phrases } from '../../agent.ts';
import type { RecordingWish } from '../../actors/record.ts';
import type { Caller } from '../../actors/room.ts';
import { type EarFacts, type EarsNow, freshEars } from './ears.ts';
import { type Dial, inTime } from './ordered-dial.ts';
import type { Ailing } from './vendor-order.ts';

/** What the machine knows of the agent: plain facts of its definition. */
export interface AgentFacts {
  readonly name: string;
  /** First is the one the agent begins in. */
  readonly languages: readonly string[];
  readonly terms: readonly string[];
  readonly disclosure: string;
  readonly greeting: string;
  readonly speculate: boolean;
  /** In failover order. */
  readonly ears: readonly EarFacts[];
  readonly maxCallMs: number;
  /** Left out: its calls are not recorded. */
  readonly recording?: RecordingWish;
  readonly phrases: Phrases;
  /** Models and voices in order of failover, as `vendor/name`. */
  readonly models: readonly string[];
  readonly voices: readonly string[];
  /** Names of those whom callers may be put through to. */
  readonly people: readonly string[];
}

/** Why the agent speaks. `say` carries words from outside; `goOn` takes up what these cut in on, `bridge` what another owner of the call began. */
export type Ask =
  | 'disclose'
  | 'greet'
  | 'answer'
  | 'nudge'
  | 'repeat'
  | 'say'
  | 'farewell'
  | 'bridge'
  | 'goOn'
  | 'transfer'
  | 'assure';

export type HistoryLine =
  | {
      readonly who: 'caller';
      readonly turn: number;
      readonly text: string;
      readonly at: number;
      readonly utterances: readonly Utterance[];
      /** Heard while the agent went on: the model is not told. */
      readonly backchannel?: boolean;
    }
  | {
      readonly who: 'agent';
      readonly turn: number;
      readonly ask: Ask;
      readonly at: number;
      /** What was handed to the voice. */
      readonly owed: string;
      /** The words that reached the caller, and nothing else. */
      readonly heard: readonly string[];
      readonly heardMs: number;
      /** The caller took the floor: what was not heard is not owed any more. */
      readonly cut: boolean;
      readonly finished: boolean;
      /** A stored phrase had to stand in, because all of this part failed. */
      readonly troubled?: Trouble;
    }
  | {
      readonly who: 'tool';
      readonly turn: number;
      readonly at: number;
      readonly id: string;
      readonly key: string;
      readonly name: string;
      readonly input: string;
      readonly effect: 'none' | 'idempotent' | 'once';
      readonly text?: string;
      readonly ok?: boolean;
    };

/** What there was none of in a turn. `tools`: they came to no end. */
export type Trouble = 'model' | 'voice' | 'tools';

export type AgentLine = Extract<HistoryLine, { who: 'agent' }>;
export type ToolLine = Extract<HistoryLine, { who: 'tool' }>;

/** One stretch of the caller's speech, as the transcriber numbers it. */
export interface Utterance {
  readonly id: number;
  readonly text: string;
  readonly final: boolean;
  /** How much of an interim text was settled before. */
  readonly settled?: string;
}

export interface CallContext {
  readonly callKey: string;
  readonly room: string;
  readonly agent: AgentFacts;
  readonly epoch: number;
  /** Set when we call. */
  readonly dial?: Dial;
  /** Begun when recovery could not help itself: the caller hears stored phrases, and is put through to the first of `agent.people`. */
  readonly failsafe?: boolean;
  readonly caller?: Caller;
  /** When the caller was last found in the room, or came into it. */
  readonly seenAt?: number;
  readonly why?: string;
  readonly history: readonly HistoryLine[];
  /** Number of the agent's present or last turn; a new one for every reply, and never used twice. */
  readonly turn: number;
  /** Number of the caller's last taken turn. */
  readonly callerTurn: number;
  readonly ask: Ask;
  readonly sayText?: string;
  /** What the caller has said since the last turn was taken. */
  readonly pending: readonly Utterance[];
  /** Tentative replies to the present turn of the caller. */
  readonly tries: number;
  /** "Are you still there?" since the caller was last heard. */
  readonly nudges: number;
  /** "Could you say it again?" since the caller was last understood. */
  readonly repeats: number;
  /** Turns in a row in which a stored phrase had to stand in. */
  readonly troubles: number;
  readonly ailing: readonly Ailing[];
  /** Vendors that the instance wants asked last. */
  readonly avoided: readonly string[];
  /** First and last sound of the caller's latest voice, and when each was reported. */
  readonly voiceStartedAt: number;
  readonly lastSoundAt: number;
  readonly voiceOnAt: number;
  readonly voiceOffAt: number;
  /** When it was last begun to decide whether the caller's turn has ended. */
  readonly settlingAt: number;
  /** When the agent last dropped its voice for the caller, and when it last fell silent. */
  readonly duckedAt: number;
  readonly silentAt: number;
  /** When the caller last heard words of ours. */
  readonly heardAt: number;
  readonly hearingSession: number;
  readonly ears: EarsNow;
  /** Sessions of one transcriber opened in a row that gave no words. */
  readonly hearingTries: number;
  /** Sound up to here has become words: what came later is replayed to a new transcriber. */
  readonly hearingSettledAt: number;
  /** Sound up to here was told of, for good or for the time being. */
  readonly hearingWordsAt: number;
  readonly hangUpTries: number;
  readonly afterReply: 'listen' | 'hangUp' | 'collectDigits' | 'transfer';
  /** Name of the one whom the caller is to be put through to; empty at first. */
  readonly transferTo: string;
  /** Once it was meant to be begun: what became of it. */
  readonly recording?: { readonly state: 'begun' | 'ended' | 'failed'; readonly why?: string };
  readonly digits: string;
  /** `asked`: by the agent, in its last answer. */
  readonly digitsWanted: { readonly max: number; readonly terminator: string; readonly asked?: boolean };
  readonly counts: {
    readonly bargeIns: number;
    readonly backchannels: number;
    readonly tools: number;
    readonly digits: number;
  };
}

export interface CallInput {
  readonly callKey: string;
  readonly room: string;
  readonly epoch: number;
  readonly agent: AgentFacts;
  readonly dial?: Dial | undefined;
  readonly failsafe?: boolean;
  readonly now: number;
}

/** What ends keys that nobody asked for. */
export const anyDigits = { max: 20, terminator: '#' } as const;

export const freshContext = ({ now, dial, ...input }: CallInput): CallContext => ({
  ...input,
  ...(dial ? { dial: inTime(dial, now) } : {}),
  history: [],
  turn: 0,
  callerTurn: 0,
  ask: 'disclose',
  pending: [],
  tries: 0,
  nudges: 0,
  repeats: 0,
  troubles: 0,
  ailing: [],
  avoided: [],
  voiceStartedAt: now,
  lastSoundAt: now,
  voiceOnAt: now,
  voiceOffAt: now,
  settlingAt: now,
  duckedAt: now,
  silentAt: now,
  heardAt: now,
  hearingSession: 0,
  ears: freshEars,
  hearingTries: 0,
  hearingSettledAt: now,
  hearingWordsAt: now,
  hangUpTries: 0,
  afterReply: 'listen',
  transferTo: '',
  digits: '',
  digitsWanted: anyDigits,
  counts: { bargeIns: 0, backchannels: 0, tools: 0, digits: 0 },
});
