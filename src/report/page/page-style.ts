/**
 * The style sheet of the page.
 *
 * @module
 */
import { DARK, LIGHT, type Theme } from '../charts/theme.js';

/** Light and dark by the reader's system, unless the page's switch says otherwise. */
export function pageStyle(): string {
  return `
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${variables(DARK)} } }
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; ${variables(DARK)} }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 0 16px 48px; background: var(--background); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
header { display: flex; gap: 12px; align-items: baseline; justify-content: space-between; flex-wrap: wrap; }
h1 { font-size: 22px; margin: 12px 0 4px; }
h2 { font-size: 17px; margin: 36px 0 8px; }
h3 { font-size: 15px; margin: 0 0 2px; }
p { margin: 4px 0; }
button { font: inherit; font-size: 13px; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: 4px; padding: 2px 10px; cursor: pointer; }
.verdict { margin: 0 -16px; padding: 10px 16px; border-left: 6px solid var(--tone); background: var(--raised); }
.verdict strong { color: var(--tone); }
.good { --tone: var(--good); } .warning { --tone: var(--warning); } .bad { --tone: var(--alarm); }
td.good, td.warning, td.bad, .alarm { color: var(--tone, var(--alarm)); }
.faint, figcaption p { color: var(--faint); font-size: 13px; }
.rate { font-size: 26px; font-weight: 600; margin-top: 8px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; margin: 8px 0; }
th, td { text-align: right; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: normal; color: var(--faint); }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
.words td { white-space: normal; overflow-wrap: normal; }
td.long { min-width: 16em; } .words td.short { white-space: nowrap; }
h3.experiment { margin-top: 32px; }
tbody th { color: var(--text); }
.primary th, .primary td { font-weight: 600; }
td.faint { font-size: inherit; }
figure { margin: 20px 0 28px; }
.chart { margin-top: 8px; }
.chart svg { display: block; max-width: 100%; height: auto; }
.still { background: #fff; }
details { margin: 10px 0; } summary { cursor: pointer; }
#tip { position: fixed; pointer-events: none; max-width: min(420px, 92vw); padding: 6px 10px; border-radius: 4px;
  background: var(--text); color: var(--background); font-size: 12px; line-height: 1.45; z-index: 9; }
#tip[hidden] { display: none; }
#tip td { border: 0; padding: 0 0 0 12px; white-space: normal; }
#tip td:first-child { padding: 0; opacity: .75; }
#tip table { margin: 0; font-size: 12px; }
@media (max-width: 560px) { tbody th { white-space: normal; min-width: 9em; } }
@media print { button { display: none; } }
`;
}

function variables(theme: Theme): string {
  const names = ['background', 'raised', 'text', 'faint', 'line', 'good', 'warning', 'alarm'] as const;
  return names.map((name) => `--${name}: ${theme[name]};`).join(' ');
}
