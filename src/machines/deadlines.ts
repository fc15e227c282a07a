/**
 * Every delay of every machine, by name, in milliseconds; where it depends on the moment, the longest it can be
 * (`call/delays.ts`, `reply/setup.ts`). Saved timers carry the name, so they survive a changed value.
 */
export const delaysMs = {
  // line
  lineJoined: 10_000,
  lineReconnected: 5000,
  lineRetry: 300,
  lineBudget: 90_000,
  callerGrace: 1000,
  callerSeen: 8000,
  callerReturns: 30_000,
  hangUpRetry: 300,
  roomLeft: 3000,
  // recording
  recordingStarts: 90_000,
  recordingStops: 30_000,
  // voice activity and hearing
  voiceRetry: 500,
  hearingOpens: 2500,
  hearingRetry: 1000,
  earAwaited: 300,
  hearingCools: 600_000,
  voiceLasts: 1200,
  wordsOwed: 2500,
  // conversation: calls out
  dialBegins: 35_000,
  dialRings: 100_000,
  legAsked: 2000,
  legAgain: 500,
  legFound: 3000,
  // conversation: the caller's turn
  callerAnswers: 180_000,
  callerSilent: 7000,
  callerAway: 60_000,
  handOver: 5000,
  voiceEndless: 60_000,
  voiceWordless: 2500,
  turnTentative: 200,
  turnCommits: 1500,
  wordsMissing: 1500,
  turnEndsAnyway: 4000,
  digitsFirst: 6000,
  digitsBetween: 3000,
  // conversation: the agent's turn
  turnConfirmed: 2000,
  tentativeVoice: 600,
  tentativeEnds: 3000,
  floorGuard: 120,
  replyReady: 5000,
  replySpoken: 180_000,
  yieldByLength: 600,
  restoreVoice: 250,
  floorVerdict: 1200,
  finalWait: 600,
  silentEnds: 8000,
  lastWord: 1000,
  lastWordEnds: 8000,
  farewellSaid: 8000,
  maxCall: 1_800_000,
  // conversation: putting through
  transferBegins: 600,
  transferHeeds: 8000,
  transferHushed: 7000,
  transferEnds: 28_000,
  transferGone: 3000,
  // reply
  firstSound: 1200,
  firstAudio: 1000,
  secondAudio: 1500,
  soundOwed: 800,
  soundSteady: 600,
  fillerAgain: 1400,
  clipEnds: 2000,
  modelGivesUp: 3400,
  modelStalls: 2000,
  modelDrips: 3000,
  modelEnds: 45_000,
  modelRetry: 100,
  permitted: 6000,
  toolsGiveUp: 30_000,
  // token
  tokenMade: 2000,
  tokenRead: 2000,
  refreshDue: 480_000,
  tokenEnds: 660_000,
  refreshRetry: 1000,
  refreshGivesUp: 180_000,
  tokenWithdrawn: 1000,
  clientUpdated: 5000,
  participantRemoved: 3000,
  removeRetry: 200,
  barLifts: 660_000,
  // egress
  egressAnswers: 30_000,
  egressFound: 45_000,
  egressLooked: 12_000,
  egressLookAgain: 2000,
  egressForgotten: 600_000,
  egressPolled: 15_000,
  egressStopAgain: 5000,
  egressEnds: 60_000,
  // reconciler
  roomsCompared: 12_000,
  roomsRepaired: 15_000,
  roomsCleared: 20_000,
  roomsRest: 2000,
  // alerts
  alertLook: 5000,
  alertGathers: 2000,
  alertSends: 8000,
  alertRetry: 300_000,
  alertHeartbeat: 3_600_000,
  alertMeasured: 15_000,
  alertMeasures: 2000,
  // workers
  workerStarts: 30_000,
  workerProves: 10_000,
  workerPulse: 500,
  workerHangs: 1000,
  workerDrains: 60_000,
  workerLeaves: 5000,
  workerRests: 30_000,
  // recovery
  recoveryInitialized: 30_000,
  recoveryProbed: 20_000,
  recoveryStep: 15_000,
  recoveryBackoff: 8000,
  leadBackBackoff: 8000,
  recoveryReconsiders: 120_000,
  manualFix: 30_000,
  postureStands: 60_000,
  // what is written into a store
  keepSpaced: 100,
  keepWritten: 30_000,
  keepRetry: 60_000,
} as const;

export type DelayName = keyof typeof delaysMs;

/** `at.x` is written where a delay is used: a typo does not compile, though XState would take it for no delay at all. */
export const at = Object.fromEntries(Object.keys(delaysMs).map((name) => [name, name])) as {
  readonly [Name in DelayName]: Name;
};

/** Timers that mean a moment in the world and not a pause in a conversation: after a restore they keep their absolute time. */
export const wallTimers: ReadonlySet<DelayName> = new Set(['callerAnswers', 'maxCall']);

/**
 * States that may last: machine id and state path, and why nothing is lost by waiting there. Every other atomic state has an
 * `after` of its own or of a compound state above it in its region; the cap on the whole call counts for none.
 */
export const patient: Readonly<Record<string, string>> = {
  'alert heart.off': 'no heartbeat is wanted',
  'call live.line.link.attached.joined.present': 'the caller is on the line; how long is for the conversation to say',
  'call live.line.patience.works': 'the link works',
  'call live.voice.attached.off': 'our own detector listens for as long as the call lasts',
  'call live.voice.attached.on': 'a voice may last; the conversation limits it',
  'call live.recording.off': 'nothing is to be recorded, or not yet',
  'call live.recording.kept.on': 'sound is kept for as long as the call lasts',
  'call live.recording.failed': 'the call goes on without a recording',
  'call live.hearing.attached.transcribing.open.idle': 'nobody speaks; the conversation limits silence',
  'call live.hearing.attached.deaf': 'the conversation says goodbye and ends the call',
  'egress life.starting': 'LiveKit ends what does not begin, and the watch sees that, or that it is gone',
  'egress life.active': 'it goes on until somebody ends it, or its room ends',
  'egress life.ending': 'a long file takes long to be carried to its storage; the watch sees when it is gone',
  'egress watch.blind': 'there is nothing to look at until it is known; finding it has a deadline',
  'egress wish.goOn': 'it is to go on',
  'egress wish.stop.waiting': 'to be ended it must be known; finding it has a deadline',
  'reconciler ghosts.none': 'there is nothing to clear; each look may find something',
  'reconciler lists.believed': 'what they say is acted upon',
  'reconciler lists.doubted':
    'each look tells whether the callers are still missing; calls end by what they see themselves',
  'keeping clean': 'all is written',
  'keeping writing.late':
    'Redis answers within a second or says that it cannot; SQLite answers when its disk does, and nothing could be written before',
  'recovery lead.following':
    'another instance leads, or nobody can: the keeper of the posture tells when this one does',
  'recovery lead.leading': 'it leads for as long as the store says so',
  'recovery standing.normal': 'nothing deviates',
  'recovery standing.returnable': 'the watch tells when the primary is well again',
  'reply words.said': 'nothing more is owed; the voice has its own deadlines and the call leaves when all was heard',
  'reply voice.speaking.flowing': 'the player tells when the caller hears nothing (`reply.starved`)',
  'reply voice.spoken': 'all is written to the player; the call limits how long it speaks',
  'reply permission.tentative': 'the call decides, and its `tentativeEnds` limits it',
  'reply permission.confirmed': 'a fact, not a wait',
  'worker alive.duty.serving.proven': 'it serves until it is worn; its pulse has a deadline',
  'worker alive.duty.draining.handingOver': 'each of its calls has an end of its own, if nobody takes it',
  'worker alive.pulse.awaited': 'it is starting, which has a deadline',
};

/** Compound states whose deadline is no longer than what their children may take, and why that is meant. */
export const cuttingShort: Readonly<Record<string, string>> = {
  'call live.conversation.talking.transferring.referring':
    'somebody who does not answer is given up, whatever the caller is told meanwhile',
  'call live.conversation.talking.closing.farewell': 'a goodbye that takes longer is cut: the call ends',
};
