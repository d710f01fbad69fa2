/**
 * The style sheet of the page: on a screen of any width, light and dark, and on paper.
 *
 * @module
 */
import { DARK, LIGHT, type Theme } from '../charts/theme.js';

/** Light and dark by the reader's system, unless the page's switch says otherwise; paper is light. */
export function pageStyle(): string {
  return `
:root { color-scheme: light dark; scroll-padding-top: 12px; ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${variables(DARK)} } }
:root[data-theme="light"] { color-scheme: light; }
@media screen { :root[data-theme="dark"] { color-scheme: dark; ${variables(DARK)} } }
${FRAME}${WORDS}${VERDICTS}${TABLES}${FIGURES}${PRINT}`;
}

const FRAME = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0 auto; max-width: 1320px; padding: 0 16px 64px; background: var(--background); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999em; }
.skip:focus { left: 12px; top: 8px; padding: 6px 12px; background: var(--background); z-index: 9; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
caption.unseen { display: block; }
header { display: flex; gap: 8px 24px; align-items: flex-start; justify-content: space-between; flex-wrap: wrap; padding: 20px 0 12px; }
header > div:first-child { flex: 1 1 320px; min-width: 0; }
.brand { margin: 0; font-size: 12px; letter-spacing: .04em; color: var(--faint); }
#theme { display: inline-flex; border: 1px solid var(--line); border-radius: 6px; padding: 2px; }
#theme[hidden] { display: none; }
button { font: inherit; font-size: 12px; line-height: 18px; min-height: 24px; color: var(--faint); background: none; border: 1px solid var(--line);
  border-radius: 4px; padding: 2px 9px; cursor: pointer; }
button:hover { color: var(--text); border-color: var(--faint); }
#theme button { border-color: transparent; }
#theme button[aria-pressed="true"] { background: var(--raised); color: var(--text); font-weight: 600; }
nav { font-size: 13px; }
nav ul { list-style: none; margin: 0 0 16px; padding: 0; display: flex; flex-wrap: wrap; gap: 2px 16px; }
nav a { display: inline-block; padding: 3px 0; color: var(--faint); text-decoration: none; }
nav a:hover { color: var(--text); text-decoration: underline; }
nav .level-3 { display: none; }
@media screen and (min-width: 1120px) {
  .columns { display: grid; grid-template-columns: 190px minmax(0, 1fr); gap: 40px; }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 4px 0 24px; }
  nav ul { display: block; border-left: 1px solid var(--line); }
  nav a { padding: 3px 0 3px 14px; }
  nav .level-3 { display: block; }
  nav .level-3 a { padding-left: 28px; font-size: 12px; }
}
#said { position: fixed; right: 16px; bottom: 16px; margin: 0; padding: 6px 12px; border-radius: 4px; font-size: 13px;
  max-width: calc(100vw - 32px); background: var(--text); color: var(--background); z-index: 8; }
#said:empty { padding: 0; }
`;

const WORDS = `
h1 { font-size: 24px; line-height: 1.25; margin: 2px 0 4px; letter-spacing: -.01em; }
h2 { font-size: 18px; line-height: 1.3; margin: 44px 0 10px; padding-top: 14px; border-top: 1px solid var(--line); }
h2.unseen { padding: 0; margin: 0; border: 0; }
h3 { font-size: 15px; line-height: 1.35; margin: 0 0 2px; }
h3.experiment { margin-top: 32px; }
:target { scroll-margin-top: 12px; }
h2:target, h3:target { text-decoration: underline; text-decoration-color: var(--accent); text-underline-offset: 4px; }
p { margin: 4px 0; max-width: 100ch; }
.faint, figcaption p { color: var(--faint); font-size: 13px; }
.alarm, figcaption p.alarm { color: var(--tone, var(--alarm)); }
.rate { font-size: 34px; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; margin: 8px 0 10px; font-variant-numeric: tabular-nums; }
.rate span { font-size: 16px; font-weight: 400; letter-spacing: 0; color: var(--faint); }
.heads { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 32px; margin: 0 0 12px; padding: 0; color: var(--faint); }
.heads strong { color: var(--text); font-size: 17px; font-variant-numeric: tabular-nums; }
details { margin: 12px 0; } summary { cursor: pointer; width: fit-content; max-width: 100%; padding: 2px 4px 2px 0; }
`;

const VERDICTS = `
.good { --tone: var(--good); --sign: "✓"; } .warning { --tone: var(--warning); --sign: "!"; } .bad { --tone: var(--alarm); --sign: "✕"; }
.verdict { margin: 0 0 12px; padding: 12px 16px; border: 1px solid var(--line); border-left: 6px solid var(--tone); border-radius: 6px; background: var(--raised); }
.verdict strong { color: var(--tone); }
.verdict > p { max-width: 110ch; }
.verdict > p:first-child::before, .tiles strong::before { content: var(--sign) " " / ""; color: var(--tone); font-weight: 700; }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); gap: 12px 32px; margin: 0; padding: 0; }
.tiles + p { margin-top: 12px; padding-top: 10px; border-top: 1px solid var(--line); }
.tiles .what { display: block; font-size: 12px; color: var(--faint); }
.tiles strong { display: block; font-size: 21px; line-height: 1.25; }
.tiles .why { display: block; font-size: 13px; margin-top: 2px; }
`;

const TABLES = `
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; margin: 8px 0; }
th, td { text-align: right; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: 13px; }
th { font-weight: normal; color: var(--faint); }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
.words td, td.what { white-space: normal; overflow-wrap: anywhere; }
.words td:only-of-type { min-width: 12em; }
td.what { text-align: left; color: var(--faint); font-size: 13px; min-width: 18em; padding-left: 10px; }
table:has(td.what:last-child) thead th:last-child,
table:has(td.what:nth-last-child(2)) thead th:nth-last-child(2) { text-align: left; padding-left: 10px; }
td.good, td.warning, td.bad { color: var(--tone); }
td.long { min-width: 16em; } .words td.short { white-space: nowrap; }
tbody th { color: var(--text); }
.words tbody th { color: var(--faint); }
tbody th:first-child { max-width: 42em; white-space: normal; min-width: 7em; overflow-wrap: break-word; }
@media (max-width: 560px) { tbody th:first-child { min-width: 10em; overflow-wrap: anywhere; } .words tbody th:first-child { min-width: 7em; } }
tbody tr:hover > * { background: var(--raised); }
.primary th, .primary td { font-weight: 600; }
td.faint { font-size: inherit; }
.tools { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 2px 0 14px; font-size: 12px; color: var(--faint); }
`;

const FIGURES = `
figure { margin: 24px 0 36px; }
.chart { margin: 10px 0 6px; }
.chart svg { display: block; max-width: 100%; height: auto; }
.still { background: #fff; }
.chart:not(.still) > svg { display: none; }
figure .tools { margin-bottom: 0; }
details.data { margin: 4px 0 0; font-size: 13px; color: var(--faint); }
details.data .scroll { max-height: 360px; overflow: auto; border: 1px solid var(--line); border-radius: 4px; padding: 0 10px; color: var(--text); }
details.data thead th { position: sticky; top: 0; background: var(--background); }
#tip { position: fixed; pointer-events: none; max-width: min(420px, 92vw); padding: 6px 10px; border-radius: 4px;
  background: var(--text); color: var(--background); font-size: 12px; line-height: 1.45; z-index: 9; }
#tip[hidden] { display: none; }
#tip tr:hover > * { background: none; }
#tip td { border: 0; padding: 0 0 0 12px; white-space: normal; }
#tip td:first-child { padding: 0; opacity: .8; }
#tip table { margin: 0; font-size: 12px; }
`;

/** Folds are open on paper but for those with a row for each second or point. */
const PRINT = `
@page { size: A4; margin: 14mm 13mm; }
@media print {
  :root, :root[data-theme] { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  button, .tools, nav, .skip, #theme, #tip, #said, details.bulk { display: none !important; }
  header { padding-top: 0; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 20px; }
  h1, h2, h3, summary, figcaption { break-after: avoid; }
  figure, .verdict, tr, .heads, .rate { break-inside: avoid; }
  figure { margin: 12px 0 20px; }
  thead { display: table-header-group; }
  details { display: block; } details::details-content { content-visibility: visible; display: block; block-size: auto; }
  summary { list-style: none; font-weight: 600; }
  .chart > .live { display: none; }
  .chart > svg, .chart:not(.still) > svg { display: block; max-width: 100%; max-height: 235mm; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; max-width: 100%; }
  th, td, .words td.short { white-space: normal; min-width: 0 !important; padding-right: 8px; overflow-wrap: anywhere; }
  thead th, .figures td { overflow-wrap: break-word; } .figures td.what { overflow-wrap: anywhere; }
  /* A figure and its unit stay together where the paper is wide enough. */
  .figures:not(:has(thead > tr > :nth-child(9))) td:not(.what) { white-space: nowrap; }
  .verdict, .still { print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
`;

function variables(theme: Theme): string {
  const names = ['background', 'raised', 'text', 'faint', 'line', 'good', 'warning', 'alarm'] as const;
  const [accent = theme.text] = theme.series;
  return [...names.map((name) => `--${name}: ${theme[name]};`), `--accent: ${accent};`].join(' ');
}
