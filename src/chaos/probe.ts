/**
 * What a lock shows of itself before the experiments: whether its promise has an end.
 *
 * @module
 */
import { EnvironmentError } from '../model/errors.js';
import type { ServerHost } from '../servers/server-host.js';
import { openCast, type CastOptions } from './cast.js';
import type { Experiment } from './experiment.js';
import { holds } from './moves.js';

const TTL_MS = 1_000;

const PROBE: Experiment = {
  id: 'probe',
  name: 'probe',
  question: 'Has its promise an end?',
  ttlMs: TTL_MS,
  clients: 1,
  excludes: () => undefined,
  expect: () => holds('nothing is tried'),
  play: () => Promise.resolve(),
};

/**
 * Takes the lock once, on one master.
 *
 * @returns whether it renews itself or has no ttl, so that it promises until its release
 * @throws EnvironmentError when it is not to be had, with nobody else there
 */
export async function probeLock(
  host: ServerHost,
  lock: string,
  options: Pick<CastOptions, 'environment' | 'signal'>,
): Promise<boolean> {
  const trial = { experiment: PROBE, lock, variant: 'plain', masters: 1 } as const;
  await using cast = await openCast(host, { trial, seed: 1, historyFolder: undefined, ...options });
  const [contender] = cast.contenders;
  const report = await contender?.acquire({ keyIndex: 0, resource: 'redlock-bench:probe:0', ttlMs: TTL_MS });
  if (contender === undefined || report?.status !== 'acquired') {
    const got = report === undefined ? 'nothing' : report.status;
    throw new EnvironmentError(
      `${lock}: expected a lock that nobody else wants, got ${got}; try it first: redlock-bench run --lock ${lock} --masters 1`,
    );
  }
  await contender.release(report.hold);
  return report.validUntilNs === Infinity;
}
