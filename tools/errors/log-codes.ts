/** What a code in the log means and what to do about it. */
export interface CodeText {
  readonly cause: string;
  readonly mend: string;
}

const nothing = 'Nothing: this is news.';

/** Every code that the log has, but for `security.…` of the door, which carries the code of a problem. */
export const logCodes: Readonly<Record<string, CodeText>> = {
  started: { cause: 'The instance takes calls.', mend: nothing },
  stopping: { cause: 'A signal asked it to stop; calls are let go of for whoever takes them up.', mend: nothing },
  unhandled: {
    cause: 'A promise of ours failed and nobody looked.',
    mend: 'A mistake in Voicechart: report the line; calls go on.',
  },
  'log.dropped': {
    cause: 'The log was read more slowly than written, and its 1 MiB was full.',
    mend: 'Read it faster, or raise `LOG_LEVEL`.',
  },
  webhook: { cause: 'A webhook came; `outcome` says what became of it.', mend: nothing },
  'call.ended': { cause: 'A call is over; one line with its outcome and figures.', mend: nothing },
  'call.crashed': {
    cause: 'An error of ours stopped the machine of a call.',
    mend: 'A mistake in Voicechart: report the line with the call’s journal.',
  },
  'call.not_hung_up': {
    cause: 'A call that takes every process with it was ended, and LiveKit did not end it for its caller.',
    mend: 'See `failure`.',
  },
  'worker.gone': {
    cause: 'A process that runs calls ended; `how` says in which way, `calls` how many others took up.',
    mend: 'Nothing for one that `left` or was `worn`. One that dies again and again: look at what it printed, and at memory.',
  },
  'worker.told_late': {
    cause:
      'The instance did not take what its calls told for five seconds: metrics and traces have gaps, the calls’ logs have none.',
    mend: 'Look at `voicechart_event_loop_lag_seconds`; give the instance more of the machine.',
  },
  'call.lost': {
    cause: 'A call could not be run after three tries, or too many waited.',
    mend: 'Look at the store (disk full?) and at `error`; the caller hears nothing until he hangs up.',
  },
  'call.end_unwritten': {
    cause: 'The store did not take the end of a call; it is tried again.',
    mend: 'Look at `DATA_DIR`: disk, rights.',
  },
  'call.log_dropped': {
    cause: 'The store was too slow for a call’s log: transcript and journal have gaps.',
    mend: 'Look at the disk under `DATA_DIR`.',
  },
  'call.no_agent': {
    cause: 'A call out was ordered for an agent that this instance no longer has.',
    mend: 'Bring the agent’s file back, or order the call anew.',
  },
  'call.unlisted': {
    cause: 'The list of calls could not be written before a call out was run; it is run all the same.',
    mend: 'Look at `DATA_DIR`.',
  },
  'caller.second': {
    cause: 'Two callers came into one room in the same moment: the first has a call, the second rings on.',
    mend: 'Give each caller a room of his own: check the dispatch rule’s room prefix.',
  },
  'caller.no_place': {
    cause: 'There was no place for a caller, as `why` says, and he heard busy.',
    mend: 'Raise the limit that `why` is about (docs/durability.md#who-is-let-in), or add an instance; where another call went on in its room, give each caller a room of his own.',
  },
  'caller.not_put_out': {
    cause: 'LiveKit did not put a caller out of a room; while he is there it is tried again.',
    mend: 'See `failure`.',
  },
  'reconcile.repaired': {
    cause:
      'LiveKit’s lists had what no webhook told: a caller without a call (`join`), a call that nobody ran (`unserved`), a caller who is not there any more (`unlisted`), a room that a dead server left behind (`ghost`).',
    mend: 'Now and then: nothing. Often: see that LiveKit’s `webhook.urls` reach `WEBHOOK_ADDR`.',
  },
  'reconciler.stopped': {
    cause: 'What holds LiveKit’s rooms against our calls stopped by an error of ours; webhooks go on.',
    mend: 'A mistake in Voicechart: report the line, and restart the instance.',
  },
  'line.dead_air': {
    cause:
      'For 3 s nothing but digital silence came from a caller whose link is up: his side may be dead, or he is muted.',
    mend: 'Nothing while it passes; when many calls do it at once, look at the gateway and at LiveKit’s nodes.',
  },
  'mail.unreadable': {
    cause: 'What a webhook told a call could not be read from the store.',
    mend: 'Look at `DATA_DIR`; the call goes on without it.',
  },
  'receiver.threw': {
    cause: 'Something of ours threw at what a vendor told.',
    mend: 'A mistake in Voicechart: report the line.',
  },
  'vendor.cold': {
    cause: 'A vendor could not be reached ahead of need; `failure` says why.',
    mend: 'Check its key and the network: `voicechart doctor`.',
  },
  'clips.missing': {
    cause: 'No voice could render the stored phrases; a chime stands for them.',
    mend: 'Check the voices of the agent (`voicechart doctor`) and start again.',
  },
  'ears.alone': {
    cause: 'All ears of an agent are of one vendor: when that one fails, its callers hear goodbye.',
    mend: "Put openai('gpt-4o-mini-transcribe') or groq('whisper-large-v3-turbo') at the end of the agent's ears.",
  },
  'egress.failed': {
    cause: 'A recording or stream out ended badly; the call went on.',
    mend: 'Look at LiveKit’s egress and at the storage.',
  },
  'redis.lost': {
    cause: '`REDIS_URL` cannot be reached.',
    mend: 'Bring Redis back; no token is issued, renewed or called valid until then.',
  },
  'redis.back': { cause: 'Redis can be reached again.', mend: nothing },
  'store.lost': {
    cause: '`REDIS_URL`, where calls are kept, cannot be reached.',
    mend: 'Bring Redis back. Calls go on meanwhile; no new one is taken.',
  },
  'store.back': { cause: 'Calls can be kept in Redis again.', mend: nothing },
  'instance.alone': {
    cause: '`REDIS_URL` is not set.',
    mend: 'Set it before you start a second instance.',
  },
  'keys.changed': { cause: '`LIVEKIT_KEYS_FILE` was read anew.', mend: nothing },
  'keys.open': { cause: 'Others than its owner may read `LIVEKIT_KEYS_FILE`.', mend: '`chmod 600` it.' },
  'keys.unusable': {
    cause: '`LIVEKIT_KEYS_FILE` was changed into something that cannot be used; the keys from before stay.',
    mend: 'Mend the line that `problems` names.',
  },
  'livekit.insecure': {
    cause: '`ALLOW_INSECURE_LIVEKIT` is set: keys or traffic are open to who listens.',
    mend: 'Use `wss://` and keys of 32 bytes, and unset it.',
  },
  'inspector.open': { cause: '`STATELY_INSPECT` is set.', mend: 'Unset it in production.' },
  'inspector.broken': { cause: 'An event could not be shown.', mend: 'Open the inspector’s page anew.' },
  'api.no_keys': { cause: 'Nobody has a key.', mend: 'Run the command in `make`.' },
  'api.keys_unreadable': { cause: '`DATA_DIR` cannot be read.', mend: 'Check its owner and rights.' },
  'api.key_damaged': {
    cause: 'The record of a key is not what was written.',
    mend: 'Revoke it by its `id` and make another.',
  },
  'api.failed': {
    cause: 'A request failed inside; its caller got 503.',
    mend: 'Look at `error`; often the store.',
  },
  'api.changed': { cause: 'Somebody changed something by the API; `keyId` says who.', mend: nothing },
  'care.threw': {
    cause: 'What watches the instance stumbled.',
    mend: 'A mistake in Voicechart: report the line; calls go on.',
  },
  'traces.none': {
    cause: 'The client of the collector of spans could not be made: no spans are sent.',
    mend: 'Check `OTEL_EXPORTER_OTLP_…`.',
  },
  'health.changed': {
    cause: 'Something that the instance depends on has another status.',
    mend: 'See `failure`, the Health page and [health.md](health.md).',
  },
  'recovery.step': {
    cause: 'Recovery did something, or could not (`failure`); `box` is that of its chart.',
    mend: 'Nothing while it goes on; see [recovery.md](recovery.md).',
  },
  'recovery.details': { cause: 'What the instance needs at its start cannot be used.', mend: 'See `failure`.' },
  'recovery.fixed': { cause: 'Recovery mended something by itself; `did` says what.', mend: nothing },
  'recovery.sip_applied': { cause: 'Lines of `SIP_FILE` were made again.', mend: nothing },
  'recovery.sip_not_led_back': {
    cause: 'The backup lines are in force and the main ones could not be made.',
    mend: '`voicechart sip diff`, then `sip apply`.',
  },
  'recovery.stopped': {
    cause: 'The machine of recovery stopped by an error of ours.',
    mend: 'Start the instance again and report the line; calls go on.',
  },
  'posture.changed': {
    cause: 'Recovery decided otherwise: host, lines, vendors or mode.',
    mend: 'See `voicechart recovery status`.',
  },
  'posture.unshared': { cause: 'Redis does not give the posture; it stands as it was.', mend: 'Bring Redis back.' },
  'posture.shared': { cause: 'The posture can be read and changed again.', mend: nothing },
  'alert.log_only': { cause: '`ALERT_WEBHOOK_URL` is not set.', mend: 'Set it to be told: [alerts.md](alerts.md).' },
  'alert.forgetful': {
    cause:
      'Open incidents could not be written, or what was written is damaged: after a restart their ends are not told.',
    mend: 'Look at `DATA_DIR`: disk, rights.',
  },
  'alert.undelivered': {
    cause: 'The receiver of alerts did not take them; they are kept and sent again.',
    mend: 'Look at the receiver: `voicechart alerts test`.',
  },
  'alert.untold': { cause: 'The instance stopped before the receiver had taken all.', mend: 'Look at the receiver.' },
  'alert.heartbeat_lost': { cause: 'The receiver did not take a heartbeat.', mend: 'Look at the receiver.' },
  'alert.stopped': {
    cause: 'What sends alerts stopped by an error of ours.',
    mend: 'Start the instance again and report the line.',
  },
  'security.block_cleared': { cause: 'An admin let a source in again.', mend: nothing },
};
