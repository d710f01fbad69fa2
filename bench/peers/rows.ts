/**
 * The rows of the benchmark, by the names that `--rows` knows.
 *
 * @module
 */
import type { Bench } from './bench.js';
import { ClientFailedError } from './client.js';
import { measureContended } from './contended-rows.js';
import { measureLatency, measurePairs } from './pairs-rows.js';
import { measureRenewal } from './renewal-rows.js';
import type { RowGroup } from './row-group.js';
import { measureSlowMaster } from './slow-master-rows.js';
import { measureYardstick } from './yardstick-rows.js';

/** Measures a group of rows, or says why it cannot. */
type Measure = (bench: Bench) => Promise<readonly (RowGroup | string)[]>;

const ROWS: Readonly<Record<string, Measure>> = {
  pairs: async (bench) => [await measurePairs(bench)],
  yardstick: async (bench) => [await measureYardstick(bench)],
  latency: async (bench) => [await measureLatency(bench)],
  contended: async (bench) => [await measureContended(bench, 1, 1), await measureContended(bench, 5, 1.3)],
  'slow-master': async (bench) => [await measureSlowMaster(bench)],
  renewal: async (bench) => [await measureRenewal(bench)],
};

export const ROW_NAMES: readonly string[] = Object.keys(ROWS);

/** Measures the rows of these names, one after the other. */
export async function* measureRows(names: readonly string[], bench: Bench): AsyncGenerator<RowGroup | string> {
  for (const name of names) {
    const measure = ROWS[name];
    if (measure === undefined) throw new Error(`expected one of ${ROW_NAMES.join(', ')}, got ${name}`);
    for (const group of await measureOrSkip(measure, bench)) {
      yield typeof group === 'string' ? `${name}: skipped: ${group}` : group;
    }
  }
}

/** Minutes of other rows are not lost because this one's preparation failed. */
async function measureOrSkip(measure: Measure, bench: Bench): Promise<readonly (RowGroup | string)[]> {
  try {
    return await measure(bench);
  } catch (thrown) {
    if (thrown instanceof ClientFailedError) return [thrown.message];
    throw thrown;
  }
}
