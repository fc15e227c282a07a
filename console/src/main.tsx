import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme, keptTheme } from './hooks/use-theme.ts';
import './style/base.css';
import './style/page.css';
import './style/chart.css';
import './style/talk.css';
import './style/health.css';

applyTheme(keptTheme());
render(<App />, document.querySelector('#console')!);
