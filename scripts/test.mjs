/**
 * `npm test`: set up what is missing, run the tests, and end with one plain line of totals.
 *
 * @module
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runForeground } from './foreground.mjs';
import { ensureSetup } from './setup.mjs';
import { TOTALS_VARIABLE } from './totals-reporter.mjs';

await ensureSetup();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redlock-bench-test-'));
try {
  const totalsFile = path.join(folder, 'totals.json');
  const vitest = inCheckout('node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${inCheckout('scripts/totals-reporter.mjs')}`];
  const exitCode = await runForeground([vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    ...process.env,
    [TOTALS_VARIABLE]: totalsFile,
  });
  const { passed, failed, skipped } = readTotals(totalsFile);
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed`);
  process.stdout.write(skipped > 0 ? `, ${String(skipped)} skipped\n` : '\n');
  process.exitCode = exitCode !== 0 ? exitCode : Number(failed > 0 || passed === 0);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** A run that ended before it wrote its totals has failed, whatever its tests had said until then. */
function readTotals(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { passed: 0, failed: 1, skipped: 0 };
}

function inCheckout(file) {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}
