/**
 * What a lock shows of itself before the experiments: whether its promise has an end, and its key.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../model/errors.js';
import type { ServerHost } from '../servers/server-host.js';
import { openCast, type CastOptions } from './cast.js';
import type { Experiment, LockTraits } from './experiment.js';
import { holds } from './moves.js';

const TTL_MS = 1_000;
/** Nobody else wants it. */
const LIMIT_MS = 5_000;
const RESOURCE = 'redlock-bench:probe:0';
/** What PTTL says of a key without ttl. */
const NO_TTL = -1;

export type Demeanour = Pick<LockTraits, 'renews' | 'isEternal'>;

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
 * @throws EnvironmentError when it is not to be had, with nobody else there
 */
export async function probeLock(
  host: ServerHost,
  lock: string,
  options: Pick<CastOptions, 'environment' | 'signal'> & { readonly keyOf: (resource: string) => string },
): Promise<Demeanour> {
  const trial = { experiment: PROBE, lock, variant: 'plain', masters: 1 } as const;
  await using cast = await openCast(host, { trial, seed: 1, historyFolder: undefined, ...options });
  const [contender] = cast.contenders;
  const report = await Promise.race([
    contender?.acquire({ keyIndex: 0, resource: RESOURCE, ttlMs: TTL_MS, abortAfterMs: LIMIT_MS }),
    sleep(2 * LIMIT_MS, undefined, { ref: false, signal: options.signal }),
  ]);
  if (contender === undefined || report?.status !== 'acquired') {
    const got = report === undefined ? 'nothing' : report.status;
    throw new EnvironmentError(
      `${lock}: expected a lock that nobody else wants, got ${got}; try it first: redlock-bench run --lock ${lock} --masters 1`,
    );
  }
  const remainingMs = Number(await cast.servers[0]?.call('PTTL', options.keyOf(RESOURCE)));
  await contender.release(report.hold);
  const isEternal = remainingMs === NO_TTL;
  return { isEternal, renews: report.validUntilNs === Infinity && !isEternal };
}
