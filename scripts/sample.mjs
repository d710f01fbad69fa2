/**
 * `npm run sample`: makes the committed sample anew, from a fresh build and with the same seed. `--out DIR` puts it elsewhere,
 * and `--redraw` measures nothing: it draws the charts of the committed runs as the code draws them now.
 *
 * What is kept is what people read: no page, and no charts of single runs, because `redlock-bench report` draws both again.
 *
 * @module
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { runForeground } from './foreground.mjs';
import { ensureSetup } from './setup.mjs';
import { readJson, ROOT } from './setup/command.mjs';

const SCENARIO = ['run', 'tour', '--seed', '1'];
const COMMITTED = path.join(ROOT, 'results', 'sample');
/** Beside the committed one, so that taking its place is a rename. */
const NEXT = path.join(ROOT, 'results', '.sample-next');
const KEPT_OF_SAMPLE = ['charts'];
const KEPT_OF_RUN = ['manifest.json', 'result.json', 'intervals.hlog', 'histograms'];

process.exitCode = await main(process.argv.slice(2));

async function main(words) {
  if (words.length === 1 && words[0] === '--redraw') return redraw();
  const isElsewhere = words[0] === '--out' && words.length === 2;
  if (words.length > 0 && !isElsewhere) {
    process.stderr.write(`sample: expected --out DIR, --redraw or nothing, got "${words.join(' ')}"\n`);
    return 2;
  }
  const place = isElsewhere ? path.resolve(words[1]) : COMMITTED;
  if (isElsewhere && fs.existsSync(place)) {
    process.stderr.write(`sample: expected a folder that is not there yet, got ${words[1]}; name another one\n`);
    return 2;
  }
  await ensureSetup();
  fs.rmSync(NEXT, { recursive: true, force: true });
  try {
    const program = path.join(ROOT, 'dist', 'src', 'cli', 'main.js');
    const exitCode = await runForeground([program, ...SCENARIO, '--out', NEXT]);
    if (exitCode !== 0) {
      process.stderr.write(`sample: expected every run to end with 0, got ${String(exitCode)}; nothing was replaced\n`);
      return exitCode;
    }
    trim(NEXT);
    const leaks = findLeaks(NEXT);
    const disturbed = isElsewhere ? [] : findDisturbed(NEXT);
    for (const problem of [...leaks, ...disturbed]) process.stderr.write(`sample: ${problem}; nothing was replaced\n`);
    if (leaks.length + disturbed.length > 0) return 1;
    fs.rmSync(place, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.cpSync(NEXT, place, { recursive: true });
    process.stderr.write(`sample: ${path.relative(process.cwd(), place)} is of this build\n`);
    return 0;
  } finally {
    fs.rmSync(NEXT, { recursive: true, force: true });
  }
}

/** Draws the charts that stand beside the committed runs: all of them, before the first that is there is replaced. */
async function redraw() {
  await ensureSetup({ needsServer: false });
  const [{ chartsOf }, { drawingsOfCharts }, { findScenario }] = await Promise.all(
    ['report/charts.js', 'report/drawings.js', 'cli/scenarios.js'].map((file) => importBuilt(file)),
  );
  const results = findScenario('tour').runs.map(({ name }) => readJson(path.join(COMMITTED, name, 'result.json')));
  const drawn = [];
  for (const { name, draw } of drawingsOfCharts(chartsOf(results))) drawn.push({ name, picture: await draw() });
  const charts = path.join(COMMITTED, 'charts');
  fs.rmSync(charts, { recursive: true, force: true });
  fs.mkdirSync(charts);
  for (const { name, picture } of drawn) fs.writeFileSync(path.join(COMMITTED, name), picture);
  process.stderr.write('sample: the charts are of this build, the runs are those that were there\n');
  return 0;
}

function importBuilt(file) {
  return import(new URL(`../dist/src/${file}`, import.meta.url).href);
}

/** Leaves what is committed. */
function trim(folder) {
  for (const name of fs.readdirSync(folder)) {
    const entry = path.join(folder, name);
    if (KEPT_OF_SAMPLE.includes(name)) continue;
    if (!fs.statSync(entry).isDirectory()) fs.rmSync(entry);
    else for (const inner of fs.readdirSync(entry)) trimRun(entry, inner);
  }
}

function trimRun(folder, name) {
  if (!KEPT_OF_RUN.includes(name)) fs.rmSync(path.join(folder, name), { recursive: true });
}

/** Names and folders of this machine, which have no place in a repository. */
function findLeaks(folder) {
  const secrets = [os.hostname(), os.homedir(), os.tmpdir(), ROOT.replace(/\/$/, '')].filter((text) => text.length > 3);
  // As words: the histograms are base64, in which every short text turns up by chance.
  const patterns = secrets.map((text) => new RegExp(`(?<![\\w+/=])${escapePattern(text)}(?![\\w+/=])`));
  return filesIn(folder).flatMap((file) => {
    const text = fs.readFileSync(file, 'utf8');
    return secrets
      .filter((_, index) => patterns[index].test(text))
      .map((secret) => `expected nothing of this machine, got "${secret}" in ${path.relative(folder, file)}`);
  });
}

function escapePattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Runs that other processes disturbed would be shown to everybody as what a run looks like. */
function findDisturbed(folder) {
  return fs.readdirSync(folder).flatMap((name) => {
    const result = readJson(path.join(folder, name, 'result.json'));
    const reasons = result === undefined ? [] : result.health.reasons;
    return reasons
      .filter((reason) => reason.startsWith('other processes'))
      .map((reason) => `expected a quiet machine, got in ${name}: ${reason}`);
  });
}

function filesIn(folder) {
  return fs.readdirSync(folder).flatMap((name) => {
    const entry = path.join(folder, name);
    return fs.statSync(entry).isDirectory() ? filesIn(entry) : [entry];
  });
}
