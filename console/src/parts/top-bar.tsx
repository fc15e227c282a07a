import type { ComponentChildren } from 'preact';
import { useTheme } from '../hooks/use-theme.ts';
import { logOut } from '../api.ts';
import { useWho } from '../hooks/use-session.ts';
import { useRoute } from '../hooks/use-route.ts';
import { healthHref, listHref, type Route } from '../model/route.ts';

const marks = { system: '◐', light: '☀', dark: '☾' } as const;

const links = [
  { href: listHref, name: 'Calls', isHere: ({ page }: Route) => page === undefined },
  { href: healthHref, name: 'Health', isHere: ({ page }: Route) => page === 'health' },
] as const;

/** What every page begins with: the way home, what the page is about, the way out, and the colours. */
export function TopBar({ children }: { readonly children?: ComponentChildren }) {
  const [theme, nextTheme] = useTheme();
  const who = useWho();
  const route = useRoute();
  return (
    <header class="top">
      <a class="brand" href={listHref} aria-label="Voicechart, all calls">
        <img src="./icon.svg" alt="" width="24" height="24" />
        <span>Voicechart</span>
      </a>
      {who && (
        <nav class="pages" aria-label="Pages">
          {links.map(({ href, name, isHere }) => (
            <a key={href} href={href} aria-current={isHere(route) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      )}
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
