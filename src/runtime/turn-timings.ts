/** When the stages of one agent turn were reached, in ms of the instance's clock. */
interface Stages {
  readonly turn: number;
  readonly decidedAt: number;
  readonly confirmedAt?: number;
  readonly requestedAt?: number;
  readonly firstTokenAt?: number;
  readonly clauseAt?: number;
  readonly voiceRequestedAt?: number;
  readonly firstAudioAt?: number;
}

/** How long the stages of one turn took, in ms; a stage that did not happen is left out. */
export interface TurnTimings {
  readonly turn: number;
  /** Caller's last sound → turn decided (tentatively or not); negative when the transcriber was sure before our own ear. */
  readonly endOfTurnMs?: number;
  /** Model asked → first token. */
  readonly modelMs?: number;
  /** First token → first clause that can be spoken. */
  readonly clauseMs?: number;
  /** Voice asked → first audio. */
  readonly voiceMs?: number;
  /** Our own part: decided → model asked, clause complete → voice asked, first audio → handed to the network. */
  readonly ownMs?: number;
  /** Time the reply was ready and held back because the turn was not certain yet; not in `ownMs`. */
  readonly heldMs?: number;
  /** Caller's last sound → agent's first sound leaves us. */
  readonly replyMs?: number;
}

type Seen = { readonly type: string; readonly turn?: number; readonly quietMs?: number };

const stageOf: Readonly<Record<string, keyof Omit<Stages, 'turn'>>> = {
  'reply.confirm': 'confirmedAt',
  'model.requested': 'requestedAt',
  'model.first_token': 'firstTokenAt',
  'model.clause': 'clauseAt',
  'voice.requested': 'voiceRequestedAt',
  'voice.first_audio': 'firstAudioAt',
};

/** Follows a call's events and gives the timings of each turn when its first sound has left us. */
export function createTurnTimings(): { see(event: Seen, now: number, turn: number): TurnTimings | undefined } {
  // Our own ear may notice the end of the caller's voice before or after the turn was decided.
  let lastSoundAt: number | undefined;
  let stages: Stages = { turn: 0, decidedAt: 0 };
  return {
    see(event, now, turn) {
      if (event.type === 'caller.voice_stopped') lastSoundAt = now - (event.quietMs ?? 0);
      if (turn !== stages.turn) stages = { turn, decidedAt: now };
      const stage = stageOf[event.type];
      // The first of each stage counts: a tool's second round begins after the caller was answered already, or it is the tool's time.
      if (stage) stages = { [stage]: now, ...stages };
      if (event.type !== 'playback.started' || event.turn !== stages.turn) return undefined;
      const timings = timingsOf(stages, now, lastSoundAt);
      lastSoundAt = undefined;
      return timings;
    },
  };
}

function timingsOf(stages: Stages, startedAt: number, lastSoundAt: number | undefined): TurnTimings {
  const { turn, decidedAt, confirmedAt, requestedAt, firstTokenAt, clauseAt, voiceRequestedAt, firstAudioAt } = stages;
  const heldMs = between(firstAudioAt, Math.max(confirmedAt ?? 0, firstAudioAt ?? 0));
  const own = [
    between(decidedAt, requestedAt),
    between(clauseAt, voiceRequestedAt),
    between(Math.max(firstAudioAt ?? startedAt, confirmedAt ?? 0), startedAt),
  ].filter((ms) => ms !== undefined);
  return withoutGaps({
    turn,
    endOfTurnMs: between(lastSoundAt, decidedAt),
    modelMs: between(requestedAt, firstTokenAt),
    clauseMs: between(firstTokenAt, clauseAt),
    voiceMs: between(voiceRequestedAt, firstAudioAt),
    ownMs: requestedAt === undefined ? undefined : own.reduce((sum, ms) => sum + ms, 0),
    heldMs,
    replyMs: between(lastSoundAt, startedAt),
  });
}

const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : to - from;

const withoutGaps = (timings: { readonly turn: number } & Record<string, number | undefined>): TurnTimings =>
  Object.fromEntries(Object.entries(timings).filter(([, value]) => value !== undefined)) as unknown as TurnTimings;
