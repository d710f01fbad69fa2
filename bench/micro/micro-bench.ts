/**
 * How a hot path is benchmarked by itself.
 *
 * @module
 */
import { Bench } from 'tinybench';
import { msToNs, type Ns } from '../../src/model/time.js';

/** One hot path, in a form that can be repeated. */
export interface MicroBench {
  readonly name: string;
  /** Operations in one sample; 1 for operations that take long compared with reading the clock. */
  readonly batch?: number;
  /** Sets up once and returns the operation to repeat. */
  readonly prepare: () => () => void;
}

/** What one operation costs: the median of the samples, and the half-width of their middle half around it. */
export interface Cost {
  readonly name: string;
  readonly medianNs: Ns;
  readonly noiseShare: number;
}

/** Operations in one sample: reading the clock costs as much as most of them, so it is read once for many. */
const DEFAULT_BATCH = 1_000;
const SAMPLE_TIME_MS = 400;

/** Measures benches one after the other. */
export async function measure(benches: readonly MicroBench[]): Promise<Cost[]> {
  const bench = new Bench({ time: SAMPLE_TIME_MS, warmupTime: SAMPLE_TIME_MS / 2, retainSamples: true });
  for (const { name, batch = DEFAULT_BATCH, prepare } of benches) {
    const operation = prepare();
    bench.add(name, () => {
      for (let i = 0; i < batch; i++) operation();
    });
  }
  await bench.run();
  return bench.tasks.map(({ name, result }, index) => {
    const batch = benches[index]?.batch ?? DEFAULT_BATCH;
    if (result.state !== 'completed') throw new Error(`${name}: expected a completed benchmark, got ${result.state}`);
    const { p50, p75, samples } = result.latency;
    const p25 = samples?.[Math.floor(samples.length / 4)] ?? p50;
    return { name, medianNs: msToNs(p50) / batch, noiseShare: (p75 - p25) / 2 / p50 };
  });
}
