import type { CallNow } from '../hooks/use-call.ts';
import { type Moment, useMoment } from '../hooks/use-now.ts';
import { useOwner } from '../hooks/use-owner.ts';
import { useMayCommand } from '../hooks/use-session.ts';
import { clockTime, phoneNumber } from '../model/format.ts';
import { HangUp } from './hang-up.tsx';
import { TopBar } from './top-bar.tsx';

interface CallHeaderProps {
  readonly callKey: string;
  readonly now: CallNow;
  readonly present: Moment;
}

/** State of the call's machine in which its sound is kept. */
const recordingOn = 'call.live.recording.kept.on';

/** Who speaks with whom, since when, and whether we see it. */
export function CallHeader({ callKey, now: { call, story: all, connection }, present }: CallHeaderProps) {
  const nowMs = useMoment(present, 500);
  const mayCommand = useMayCommand();
  const startedAt = call?.startedAt ?? all.startedAt ?? nowMs;
  const endedAt = all.endedAt ?? call?.endedAt;
  const owner = useOwner(callKey, all.epoch, call?.owner);
  return (
    <TopBar>
      <h1 class="grow parties">
        <span>{phoneNumber(all.phone ?? call?.pii.phone)}</span>
        <span class="muted"> → {all.agent ?? call?.agent ?? '…'}</span>
      </h1>
      <span class="num duration" aria-label="duration">
        {clockTime((endedAt ?? nowMs) - startedAt)}
      </span>
      <span
        class={`muted num epoch ${all.epoch > 1 ? 'later' : ''}`}
        title="Raised by each owner who takes the call over"
      >
        epoch {all.epoch}
      </span>
      {endedAt === undefined && owner !== undefined && (
        <span class="muted num" data-owner title="The process that runs the call">
          process {owner.pid}
        </span>
      )}
      {endedAt === undefined && all.call?.active.includes(recordingOn) && <span class="pill">recording</span>}
      <Standing over={endedAt !== undefined} why={all.why} here={call?.live ?? true} connection={connection} />
      {endedAt === undefined && call !== undefined && mayCommand && <HangUp callKey={callKey} />}
    </TopBar>
  );
}

interface StandingProps {
  readonly over: boolean;
  readonly why: string | undefined;
  readonly here: boolean;
  readonly connection: CallNow['connection'];
}

function Standing({ over, why, here, connection }: StandingProps) {
  const [kind, text] = over
    ? ['ended', why ?? 'ended']
    : connection === 'reconnecting'
      ? ['lost', 'reconnecting …']
      : connection === 'connecting'
        ? ['lost', 'connecting …']
        : here
          ? ['live', 'live']
          : ['lost', 'not run by this instance'];
  return (
    <span class={`pill ${kind}`} role="status" data-standing={kind}>
      {text}
    </span>
  );
}
