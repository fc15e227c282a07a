import { useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const themes: readonly Theme[] = ['system', 'light', 'dark'];
const key = 'voicechart.theme';

export function keptTheme(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system';
  }
}

/** `system` leaves it to `prefers-color-scheme`. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // It holds for this page then.
  }
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(keptTheme);
  const next = () => {
    const following = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
    applyTheme(following);
    setTheme(following);
  };
  return [theme, next];
}
