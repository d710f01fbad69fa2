/**
 * `npm run bench:micro`: what our own hot paths cost, and what one worker can drive at the most.
 *
 * @module
 */
import { runScenario } from '../../src/run.js';
import { freshSeed } from '../../src/model/random.js';
import { completeScenario } from '../../src/model/scenario.js';
import { formatNs, sToNs } from '../../src/model/time.js';
import { encodeBenches } from './encode.bench.js';
import { loadBenches } from './load.bench.js';
import { measure, type Cost } from './micro-bench.js';
import { tallyBenches } from './tally.bench.js';

const GENERATOR_ROUNDS = 5;
const GENERATOR_MS = 2_000;

for (const benches of [tallyBenches, loadBenches, encodeBenches]) {
  for (const cost of await measure(benches)) print(cost);
}
print(await measureGenerator());

/** One worker, closed loop, with a lock that grants at once: all that remains is the generator, recorded and witnessed. */
async function measureGenerator(): Promise<Cost> {
  const rates: number[] = [];
  for (let round = 0; round < GENERATOR_ROUNDS; round++) {
    const scenario = completeScenario(
      {
        masters: 1,
        lock: new URL('./instant-lock.js', import.meta.url).href,
        concurrency: 64,
        warmupMs: GENERATOR_MS / 2,
        durationMs: GENERATOR_MS,
      },
      freshSeed(),
    );
    const result = await runScenario(scenario, {
      environment: process.env,
      signal: new AbortController().signal,
      listener: {
        phase: () => undefined,
        started: () => Promise.resolve(),
        loaded: () => undefined,
        interval: () => undefined,
        fault: () => undefined,
        vitals: () => undefined,
      },
    });
    rates.push(result.acquire.ratePerSecond);
  }
  rates.sort((a, b) => a - b);
  const median = rates[Math.floor(rates.length / 2)] ?? NaN;
  const noiseShare = ((rates.at(-1) ?? NaN) - (rates[0] ?? NaN)) / 2 / median;
  return {
    name: `generator: one operation, instant lock (${Math.round(median).toLocaleString('en')} per second and worker)`,
    medianNs: sToNs(1 / median),
    noiseShare,
  };
}

function print({ name, medianNs, noiseShare }: Cost): void {
  process.stdout.write(`${formatNs(medianNs).padStart(9)}  ±${(100 * noiseShare).toFixed(0).padStart(2)} %  ${name}\n`);
}
