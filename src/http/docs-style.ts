/** The colours are the console's. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f7f8, #0e1214);
  --card: light-dark(#ffffff, #161b1e);
  --raised: light-dark(#f0f2f4, #1d2428);
  --ink: light-dark(#14202a, #e7ecee);
  --soft: light-dark(#556470, #95a3ab);
  --rule: light-dark(#dbe1e6, #2a3338);
  --accent: light-dark(#0f766e, #2dd4bf);
  --get: light-dark(#15803d, #4ade80);
  --post: light-dark(#2563eb, #7cb0ff);
  --delete: light-dark(#b42318, #ff8a7a);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
a { color: var(--accent); }
code { font-family: var(--mono); font-size: 0.9em; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
header {
  position: sticky; top: 0; z-index: 1; display: flex; gap: 18px; align-items: center; justify-content: space-between;
  padding: 9px 18px; background: var(--card); border-bottom: 1px solid var(--rule);
}
.brand { display: flex; gap: 9px; align-items: center; color: inherit; font-weight: 700; text-decoration: none; }
.page { display: grid; grid-template-columns: 260px minmax(0, 1fr); max-width: 1180px; margin: 0 auto; }
nav { position: sticky; top: 43px; align-self: start; max-height: calc(100vh - 43px); overflow: auto; padding: 18px; }
nav h2 { margin: 14px 0 4px; font-size: 0.8rem; color: var(--soft); }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: 3px 0; color: inherit; font-size: 0.88rem; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { color: var(--accent); }
main { padding: 22px 18px 80px; }
main > section > h2 { margin: 30px 0 10px; }
h1 { margin: 0 0 8px; font-size: 1.5rem; }
p { margin: 6px 0; max-width: 76ch; }
article {
  margin: 0 0 14px; padding: 14px 16px; background: var(--card); border: 1px solid var(--rule); border-radius: 14px;
  scroll-margin-top: 56px;
}
article:target { border-color: var(--accent); }
h3 { margin: 0; font-size: 1rem; display: flex; gap: 10px; align-items: baseline; flex-wrap: wrap; }
h3 b, nav b { font-size: 0.72rem; text-transform: uppercase; letter-spacing: 0.04em; }
.get { color: var(--get); }
.post, .put, .patch { color: var(--post); }
.delete { color: var(--delete); }
.role { margin-left: auto; padding: 1px 9px; border-radius: 99px; background: var(--raised); color: var(--soft); font-weight: 600; font-size: 0.78rem; }
table { width: 100%; margin: 10px 0; border-collapse: collapse; }
caption { text-align: left; color: var(--soft); font-weight: 600; padding-bottom: 2px; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0; border-top: 1px solid var(--rule); font-weight: 400; overflow-wrap: anywhere; }
th { width: 34%; }
th i, .soft { color: var(--soft); font-style: normal; font-size: 0.88rem; }
details { border-top: 1px solid var(--rule); padding: 5px 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.refusal summary { color: var(--soft); }
details p { padding-left: 16px; }
@media (max-width: 760px) {
  .page { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; max-height: none; border-bottom: 1px solid var(--rule); }
}
`;
