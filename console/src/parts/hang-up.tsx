import { useRef, useState } from 'preact/hooks';
import { command } from '../api.ts';

/** Ends the call after a second thought. */
export function HangUp({ callKey }: { readonly callKey: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [trouble, setTrouble] = useState('');
  const hangUp = async () => {
    try {
      await command(callKey, { type: 'hang_up' });
      dialog.current?.close();
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        Hang up
      </button>
      <dialog ref={dialog} aria-labelledby="hang-up-title">
        <h2 id="hang-up-title">Hang up this call?</h2>
        <p>The agent says goodbye and ends the call. This cannot be taken back.</p>
        {trouble && (
          <p class="trouble" role="alert">
            {trouble}
          </p>
        )}
        <div class="row end">
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
            Keep the call
          </button>
          <button type="button" class="danger" onClick={() => void hangUp()}>
            Hang up now
          </button>
        </div>
      </dialog>
    </>
  );
}
