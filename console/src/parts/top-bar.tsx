import type { ComponentChildren } from 'preact';
import { useTheme } from '../hooks/use-theme.ts';
import { logOut } from '../api.ts';
import { useWho } from '../hooks/use-session.ts';
import { listHref } from '../model/route.ts';

const marks = { system: '◐', light: '☀', dark: '☾' } as const;

/** What every page begins with: the way home, what the page is about, the way out, and the colours. */
export function TopBar({ children }: { readonly children?: ComponentChildren }) {
  const [theme, nextTheme] = useTheme();
  const who = useWho();
  return (
    <header class="top">
      <a class="brand" href={listHref} aria-label="Voicechart, all calls">
        <img src="./icon.svg" alt="" width="24" height="24" />
        <span>Voicechart</span>
      </a>
      {children}
      {who && (
        <button
          type="button"
          class="quiet who-am-i"
          onClick={() => void logOut()}
          title={`Logged in as ${who.name}, ${who.role}`}
        >
          Log out
        </button>
      )}
      <button type="button" class="quiet theme" onClick={nextTheme} aria-label={`Colours: ${theme}. Change`}>
        <span aria-hidden="true">{marks[theme]}</span>
      </button>
    </header>
  );
}
