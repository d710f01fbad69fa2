/**
 * How fast a master takes the two commands of a pair from `redis-benchmark`, one connection, 64 in a pipeline.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AdminConnection } from '../../src/servers/admin-connection.js';
import type { Endpoint } from '../../src/model/endpoint.js';
import { toError } from '../../src/model/errors.js';
import { ClientFailedError } from './client.js';
import type { SeenPair } from './commands-seen.js';

const PIPELINE = 64;
/** redis-benchmark writes 12 digits for this, drawn from the range that `-r` gives. */
const RANDOM = '__rand_int__';
const RANDOM_DIGITS = 12;
const FRESH_RANGE = 2_000_000_000;
const KEYS_PER_SCRIPT = 10_000;
const TIMEOUT_MS = 30_000;

/**
 * Sets KEYS[1]-numbered locks for releases to find. KEYS[1]: the prefix. ARGV: the first number, the number after the
 * last, the digits of a number, the token, the ttl in ms.
 */
const POPULATE = `
for i = ARGV[1], ARGV[2] - 1 do
  redis.call('SET', KEYS[1] .. string.format('%0' .. ARGV[3] .. 'd', i), ARGV[4], 'PX', ARGV[5])
end
return 1`;

/** Enough calls for a rate; and how many times as many keys as releases there are. */
export interface Effort {
  readonly calls: number;
  readonly keysPerRelease: number;
}

export interface CommandRates {
  readonly acquiresPerSecond: number;
  readonly releasesPerSecond: number;
}

/** @returns undefined when redis-benchmark is not there */
export async function findBenchmark(signal: AbortSignal): Promise<string | undefined> {
  for (const name of ['redis-benchmark', 'valkey-benchmark']) {
    const found = await promisify(execFile)(name, ['--version'], { signal }).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    if (found) return name;
  }
  return undefined;
}

/**
 * Measures both commands on a master of our own, which is empty afterwards.
 *
 * Every acquire takes a key that nobody has, as in the loop that it is compared with. A release draws its key from so
 * many held ones that all but a few per cent find one to delete: redis-benchmark cannot count, and one that found
 * nothing would be cheaper than a client's.
 *
 * @throws ClientFailedError when redis-benchmark does
 */
export async function measureCommands(
  benchmark: string,
  endpoint: Endpoint,
  pair: SeenPair,
  effort: Effort,
  signal: AbortSignal,
): Promise<CommandRates> {
  if (endpoint.socket.kind !== 'tcp') throw new Error('expected a master on TCP, got one on a unix socket');
  const { host, port } = endpoint.socket;
  const run = async (args: readonly string[], range: number): Promise<number> => {
    const options = ['-h', host, '-p', String(port), '-c', '1', '-P', String(PIPELINE), '--csv'];
    const load = ['-n', String(effort.calls), '-r', String(range)];
    const command = args.map((arg) => arg.replaceAll(pair.key, `${pair.key}${RANDOM}`));
    const limits = { signal, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
    try {
      return readRate((await promisify(execFile)(benchmark, [...options, ...load, ...command], limits)).stdout);
    } catch (thrown) {
      signal.throwIfAborted();
      throw new ClientFailedError(`${benchmark}: ${toError(thrown).message}`);
    }
  };
  using admin = new AdminConnection(endpoint);
  const acquiresPerSecond = await run(pair.acquire, FRESH_RANGE);
  await admin.call('FLUSHALL');
  const keys = effort.calls * effort.keysPerRelease;
  const token = pair.acquire[2] ?? '';
  for (let first = 0; first < keys; first += KEYS_PER_SCRIPT) {
    const range = [first, Math.min(keys, first + KEYS_PER_SCRIPT), RANDOM_DIGITS].map(String);
    await admin.call('EVAL', POPULATE, '1', pair.key, ...range, token, String(TIMEOUT_MS * 2));
  }
  const releasesPerSecond = await run(pair.release, keys);
  await admin.call('FLUSHALL');
  return { acquiresPerSecond, releasesPerSecond };
}

/** The requests per second in the last line of `--csv`: the name of the test, its rate, and, since 6.2, latencies. */
export function readRate(csv: string): number {
  const last = csv.trim().split('\n').at(-1) ?? '';
  const rate = Number(/^".*?","([\d.]+)"/.exec(last)?.[1]);
  if (!(rate > 0)) throw new Error(`expected a rate as CSV, got ${last}`);
  return rate;
}
