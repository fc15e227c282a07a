import { useState } from 'preact/hooks';
import { type CallerAct, tellPhone } from '../api.ts';
import { callHref } from '../model/route.ts';

interface CallerBoxProps {
  readonly phone: string;
  /** The live call on this page, if there is one; perhaps somebody else's. */
  readonly callKey?: string | undefined;
}

/** In the demo a visitor is the caller: what is typed is spoken by the emulated phone into the room. */
export function CallerBox({ phone, callKey }: CallerBoxProps) {
  const [text, setText] = useState('');
  const [told, setTold] = useState<{ readonly note?: string; readonly trouble?: string }>({});
  const [busy, setBusy] = useState(false);
  const speaks = callKey !== undefined && callKey === ownCall();
  const act = async (what: CallerAct) => {
    setBusy(true);
    try {
      const answer = await tellPhone(phone, what);
      setTold({ note: noteOf(answer) });
      if ('text' in what) setText('');
      if (answer.callKey !== undefined) goTo(answer.callKey);
    } catch (error) {
      setTold({ trouble: (error as Error).message });
    }
    setBusy(false);
  };
  const said = text.trim();
  const isKeys = /^[0-9*#]+$/.test(said);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!speaks) void act({ type: 'dial' });
    else if (said) void act({ type: isKeys ? 'keys' : 'say', text: said });
  };
  return (
    <form class="tell caller" onSubmit={submit} aria-busy={busy}>
      {!speaks ? (
        <div class="row">
          <p class="grow">
            <b>Be the caller.</b> An emulated phone dials the agent and speaks what you type.
          </p>
          <button type="submit" disabled={busy}>
            {busy ? 'Dialling …' : 'Phone in'}
          </button>
        </div>
      ) : (
        <>
          <label for="caller-text">You are the caller</label>
          <div class="row">
            <input
              id="caller-text"
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
              maxLength={300}
              autocomplete="off"
              placeholder="words to speak, or keys"
            />
            <button type="submit" disabled={busy || !said}>
              {isKeys ? 'Press' : 'Speak'}
            </button>
            <button type="button" class="quiet" disabled={busy} onClick={() => void act({ type: 'hang_up' })}>
              Put down
            </button>
          </div>
        </>
      )}
      {told.note && (
        <p class="note" role="status">
          {told.note}
        </p>
      )}
      {told.trouble && (
        <p class="trouble" role="alert">
          {told.trouble}
        </p>
      )}
    </form>
  );
}

const ownCallKey = 'voicechart.own-call';

/** The call the visitor's phone is in, also after a reload. */
function ownCall(): string | null {
  try {
    return sessionStorage.getItem(ownCallKey);
  } catch {
    return null;
  }
}

function goTo(callKey: string): void {
  try {
    sessionStorage.setItem(ownCallKey, callKey);
  } catch {
    // The visitor phones in anew then.
  }
  location.hash = callHref(callKey);
}

function noteOf({ hungUp }: { readonly hungUp?: boolean }): string {
  if (hungUp === undefined) return '';
  return hungUp ? 'The caller has put the phone down.' : 'This phone is not in a call.';
}
