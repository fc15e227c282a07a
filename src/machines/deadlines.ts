/**
 * Every delay of every machine, by name, in milliseconds. Saved timers carry the name, so they survive a changed value.
 * `at.x` is written where a delay is used: a typo does not compile, though XState would take it for no delay at all.
 */
export const delaysMs = {
  // line
  lineJoined: 10_000,
  lineReconnected: 30_000,
  lineRetry: 300,
  callerGrace: 1000,
  callerSeen: 8000,
  callerReturns: 5000,
  // hearing
  hearingOpens: 4000,
  hearingRetry: 100,
  voiceLasts: 1200,
  wordsOwed: 2500,
  // conversation
  callerAnswers: 180_000,
  callerSilent: 7000,
  voiceEndless: 60_000,
  turnTentative: 200,
  wordsMissing: 1500,
  turnEndsAnyway: 4000,
  digitsFirst: 6000,
  digitsBetween: 3000,
  callerAway: 60_000,
  replyReady: 20_000,
  replySpoken: 180_000,
  tentativeEnds: 5000,
  floorGuard: 120,
  tentativeVoice: 600,
  yieldByLength: 600,
  restoreVoice: 250,
  floorVerdict: 1200,
  finalWait: 600,
  silentEnds: 8000,
  lastWord: 1000,
  farewellSaid: 8000,
  callEnds: 1_800_000,
  roomLeft: 3000,
  // reply
  replyChooses: 1000,
  firstToken: 1200,
  modelGivesUp: 2200,
  modelStalls: 2000,
  modelRetry: 100,
  permitted: 6000,
  toolFiller: 1200,
  toolFillerAgain: 8000,
  toolsGiveUp: 30_000,
  firstAudio: 1200,
  soundOwed: 800,
  voiceEnds: 1500,
  clipEnds: 2000,
} as const;

export type DelayName = keyof typeof delaysMs | 'turnCommits' | 'maxCall' | 'hearingRetryGrowing';

export const at = Object.fromEntries(
  [...Object.keys(delaysMs), 'turnCommits', 'maxCall', 'hearingRetryGrowing'].map((name) => [name, name]),
) as { readonly [Name in DelayName]: Name };

/** Timers that mean a moment in the world and not a pause in a conversation: after a restore they keep their absolute time. */
export const wallTimers: ReadonlySet<DelayName> = new Set(['callerAnswers', 'maxCall', 'callEnds']);
