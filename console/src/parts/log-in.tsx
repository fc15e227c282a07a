import { useState } from 'preact/hooks';
import { logIn, type Person } from '../api.ts';
import { TopBar } from './top-bar.tsx';

interface LogInProps {
  /** Whether it is known that nobody is logged in. */
  readonly asked: boolean;
  /** Why not, where there is more to say. */
  readonly trouble: string;
  readonly enter: (person: Person) => void;
}

/** Asks for a key. */
export function LogIn({ asked, trouble, enter }: LogInProps) {
  return (
    <>
      <TopBar>
        <span class="grow" />
      </TopBar>
      <main class="log-in">{asked ? <KeyForm trouble={trouble} enter={enter} /> : <p class="muted">{trouble}</p>}</main>
    </>
  );
}

function KeyForm({ trouble, enter }: Pick<LogInProps, 'trouble' | 'enter'>) {
  const [key, setKey] = useState('');
  const [refused, setRefused] = useState(trouble);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      enter(await logIn({ key: key.trim() }));
    } catch (error) {
      setRefused((error as Error).message);
    }
  };
  return (
    <form class="empty" onSubmit={submit}>
      <h1>Log in</h1>
      {(refused || trouble) && (
        <p class="trouble" role="alert">
          {refused || trouble}.
        </p>
      )}
      <label for="key">Your key</label>
      <div class="row">
        <input
          id="key"
          class="grow"
          type="password"
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
          maxLength={200}
          autocomplete="current-password"
          placeholder="vck_…"
        />
        <button type="submit" disabled={!key.trim()}>
          Log in
        </button>
      </div>
      <p>No key yet? Whoever may use the machine that Voicechart runs on can make one there:</p>
      <p>
        <code class="command">npm run -s voicechart -- api-keys create --role operator --name you</code>
      </p>
    </form>
  );
}
