import { useState } from 'preact/hooks';
import { type CallerAct, tellPhone } from '../api.ts';
import { callHref } from '../hooks/use-route.ts';

/** In the demo a visitor is the caller: what is typed is spoken by the emulated phone into the room. */
export function CallerBox({ phone, callKey }: { readonly phone: string; readonly callKey?: string }) {
  const [text, setText] = useState('');
  const [told, setTold] = useState<{ readonly note?: string; readonly trouble?: string }>({});
  const [busy, setBusy] = useState(false);
  const act = async (what: CallerAct) => {
    setBusy(true);
    try {
      const answer = await tellPhone(phone, what);
      setTold({ note: noteOf(answer) });
      setText('');
      if (answer.callKey !== undefined && answer.callKey !== callKey) location.hash = callHref(answer.callKey);
    } catch (error) {
      setTold({ trouble: (error as Error).message });
    }
    setBusy(false);
  };
  const isKeys = /^[0-9*#]+$/.test(text.trim());
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim()) void act({ type: isKeys ? 'keys' : 'say', text: text.trim() });
  };
  return (
    <form class="tell caller" onSubmit={submit}>
      <label for="caller-text">Be the caller</label>
      <div class="row">
        <input
          id="caller-text"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          maxLength={300}
          autocomplete="off"
          placeholder={
            callKey === undefined ? 'say something: the phone dials' : 'type what the caller says, or digits'
          }
        />
        <button type="submit" disabled={busy || !text.trim()}>
          {busy ? '…' : isKeys ? 'Press keys' : 'Say'}
        </button>
        {callKey !== undefined && (
          <button type="button" class="quiet" onClick={() => void act({ type: 'hang_up' })}>
            Put down
          </button>
        )}
      </div>
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

function noteOf({ dialled, hungUp }: { readonly dialled?: boolean; readonly hungUp?: boolean }): string {
  if (hungUp) return 'The caller has put the phone down.';
  return dialled ? 'The phone dialled; wait for the greeting, then speak.' : '';
}
