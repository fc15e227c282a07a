/** When the stages of one agent turn were reached, in ms of the instance's clock. */
interface Stages {
  readonly turn: number;
  readonly lastSoundAt?: number;
  readonly decidedAt?: number;
  readonly requestedAt?: number;
  readonly firstTokenAt?: number;
  readonly clauseAt?: number;
  readonly voiceRequestedAt?: number;
  readonly firstAudioAt?: number;
}

/** How long the stages of one turn took, in ms; a stage that did not happen is left out. */
export interface TurnTimings {
  readonly turn: number;
  /** Caller's last sound → turn decided (tentatively or not). */
  readonly endOfTurnMs?: number;
  /** Model asked → first token. */
  readonly modelMs?: number;
  /** First token → first clause that can be spoken. */
  readonly clauseMs?: number;
  /** Voice asked → first audio. */
  readonly voiceMs?: number;
  /** Our own part: decided → model asked, clause complete → voice asked, first audio → handed to the network. */
  readonly ownMs?: number;
  /** Of `ownMs`, time the reply was ready and held back because the turn was not certain yet. */
  readonly heldMs?: number;
  /** Caller's last sound → agent's first sound leaves us. */
  readonly replyMs?: number;
}

type Seen = { readonly type: string; readonly at?: number; readonly turn?: number; readonly quietMs?: number };

const stageOf: Readonly<Record<string, keyof Omit<Stages, 'turn'>>> = {
  'model.requested': 'requestedAt',
  'model.first_token': 'firstTokenAt',
  'model.clause': 'clauseAt',
  'voice.requested': 'voiceRequestedAt',
  'voice.first_audio': 'firstAudioAt',
};

/** Follows a call's events and gives the timings of each turn when its first sound has left us. */
export function createTurnTimings(): { see(event: Seen, now: number, turn: number): TurnTimings | undefined } {
  let lastSoundAt: number | undefined;
  let stages: Stages = { turn: 0 };
  let confirmedAt: number | undefined;
  return {
    see(event, now, turn) {
      if (event.type === 'caller.voice_stopped') lastSoundAt = now - (event.quietMs ?? 0);
      if (turn !== stages.turn) {
        stages = { turn, decidedAt: now, ...(lastSoundAt === undefined ? {} : { lastSoundAt }) };
        confirmedAt = undefined;
        lastSoundAt = undefined;
      }
      if (event.type === 'reply.confirm') confirmedAt ??= now;
      const stage = stageOf[event.type];
      if (stage) stages = { [stage]: now, ...stages };
      if (event.type === 'playback.started' && event.turn === stages.turn) return timingsOf(stages, now, confirmedAt);
      return undefined;
    },
  };
}

function timingsOf(stages: Stages, startedAt: number, confirmedAt: number | undefined): TurnTimings {
  const heldMs = Math.max(0, (confirmedAt ?? 0) - (stages.firstAudioAt ?? startedAt));
  const own = [
    between(stages.decidedAt, stages.requestedAt),
    between(stages.clauseAt, stages.voiceRequestedAt),
    between(stages.firstAudioAt, startedAt),
  ];
  const known = own.filter((ms) => ms !== undefined);
  return dropUndefined({
    turn: stages.turn,
    endOfTurnMs: between(stages.lastSoundAt, stages.decidedAt),
    modelMs: between(stages.requestedAt, stages.firstTokenAt),
    clauseMs: between(stages.firstTokenAt, stages.clauseAt),
    voiceMs: between(stages.voiceRequestedAt, stages.firstAudioAt),
    ownMs: known.length > 0 ? known.reduce((sum, ms) => sum + ms, 0) - heldMs : undefined,
    heldMs: stages.firstAudioAt === undefined ? undefined : heldMs,
    replyMs: between(stages.lastSoundAt, startedAt),
  });
}

const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : to - from;

const dropUndefined = (timings: { turn: number } & Record<string, number | undefined>): TurnTimings =>
  Object.fromEntries(Object.entries(timings).filter(([, value]) => value !== undefined)) as unknown as TurnTimings;
