/**
 * `npm run test:soak`: ten minutes of `--rate 500`, with an eye on the memory of the process. It should be flat after
 * the first minute. `npm run test:soak -- 3` takes three minutes.
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { ensureSetup } from './setup.mjs';

const MINUTE_MS = 60_000;
const SAMPLE_MS = 5_000;
/** The last minute may lie this much above the second one: garbage collection is not a clock. */
const ALLOWED_GROWTH = 0.1;

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes >= 3)) {
  process.stderr.write(`soak: expected at least 3 minutes, got ${process.argv[2]}\n`);
  process.exit(2);
}
await ensureSetup();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redlock-bench-soak-'));
const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const words = ['run', '--masters', '3', '--rate', '500', '--hold', '1ms', '--keys', 'zipf:1000:0.99', '--quiet'];
const child = spawn(
  process.execPath,
  [main, ...words, '--warmup', '1s', '--duration', `${String(minutes)}m`, '--out', path.join(folder, 'run')],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);

const samples = [];
const startMs = performance.now();
const timer = setInterval(() => {
  try {
    const kib = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' }));
    samples.push({ minute: (performance.now() - startMs) / MINUTE_MS, mib: kib / 1024 });
  } catch {
    // The process has just ended; `exit` follows.
  }
}, SAMPLE_MS);

child.on('exit', (exitCode) => {
  clearInterval(timer);
  fs.rmSync(folder, { recursive: true, force: true });
  const second = median(samples.filter(({ minute }) => minute >= 1 && minute < 2));
  const last = median(samples.filter(({ minute }) => minute >= minutes - 1 && minute < minutes));
  for (let minute = 0; minute < minutes; minute++) {
    const mib = median(samples.filter((sample) => Math.floor(sample.minute) === minute));
    process.stdout.write(`minute ${String(minute + 1).padStart(2)}  ${mib.toFixed(1)} MiB resident\n`);
  }
  const growth = last / second - 1;
  const isFlat = growth <= ALLOWED_GROWTH;
  process.stdout.write(
    `soak: ${(100 * growth).toFixed(1)} % from the second minute to the last, ${isFlat ? 'flat' : 'it grows'}\n`,
  );
  process.exitCode = exitCode !== 0 ? (exitCode ?? 1) : Number(!isFlat);
});

function median(some) {
  const sorted = some.map(({ mib }) => mib).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
