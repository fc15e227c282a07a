import { useState } from 'preact/hooks';
import { command } from '../api.ts';

/** What the agent should say next, in its own voice. */
export function OperatorBox({ callKey }: { readonly callKey: string }) {
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    try {
      await command(callKey, { type: 'say', text: text.trim() });
      setText('');
      setTrouble('');
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <form class="tell operator" onSubmit={submit}>
      <label for="operator-text">Let the agent say</label>
      <div class="row">
        <input
          id="operator-text"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          maxLength={500}
          autocomplete="off"
          placeholder="said at once, in the agent's voice"
        />
        <button type="submit" disabled={!text.trim()}>
          Say
        </button>
      </div>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
    </form>
  );
}
