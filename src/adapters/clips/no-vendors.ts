import type { ReplyModel } from '../../actors/reply-model.ts';
import type { Transcriber } from '../../actors/transcriber.ts';
import type { Voice } from '../../actors/voice.ts';
import type { Failure } from '../../failure.ts';

const name = 'none';
const failure: Failure = {
  vendor: name,
  phase: 'connect',
  class: 'api',
  sub: 'config',
  retryable: false,
  message: 'no vendor is used in failsafe mode',
};

/** Speaks nothing, and says so at once: stored phrases stand in. */
export const noVoice: Voice = {
  name,
  utter({ signal }, report) {
    queueMicrotask(() => signal.aborted || report({ type: 'voice.failed', failure }));
    return { say: () => undefined, end: () => undefined };
  },
};

/** Hears nothing, and is content with it. */
export const noTranscriber: Transcriber = {
  name,
  decidesTurns: false,
  tellsEarly: true,
  open({ signal }, report) {
    queueMicrotask(() => signal.aborted || report({ type: 'stt.opened' }));
    return { write: () => undefined, expect: () => undefined, finalize: () => undefined };
  },
};

export const noModel: ReplyModel = {
  name,
  stream(_request, { signal }, report) {
    queueMicrotask(() => signal.aborted || report({ type: 'model.failed', failure }));
  },
};
