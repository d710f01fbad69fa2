/**
 * A process that holds very many locks: what keeping them alive costs, and whether it keeps them.
 *
 * @module
 */
import { formatDurationMs, formatNs } from '../../src/model/time.js';
import { interleave, openMasters, urlsOf, type Bench, type Measured } from './bench.js';
import { keyPrefix, type RenewalReport } from './client-task.js';
import { runClient } from './client.js';
import { contenderNamed, OURS_IOREDIS, OURS_WIRE } from './contenders.js';
import { formatCount, judgeFigure, medianOver, noteFailures, type RowGroup, type Verdict } from './row-group.js';

const MASTERS = 3;
const QUORUM = 2;
const FULL = { locks: 100_000, ttlMs: 30_000, measureMs: 33_000 };
const QUICK = { locks: 500, ttlMs: 1_000, measureMs: 1_500 };
/** Taking all locks, and counting their keys. */
const GRACE_MS = 90_000;
const MOST_UTILIZATION = 0.5;

interface CountedRenewal extends RenewalReport {
  /** Keys that each master still has when the measurement is over. */
  readonly keysPerMaster: readonly number[];
}

export async function measureRenewal(bench: Bench): Promise<RowGroup> {
  const { locks, ttlMs, measureMs } = bench.isQuick ? QUICK : FULL;
  const field = await interleave(bench, {
    label: `${formatCount(locks)} held locks`,
    contenders: [OURS_IOREDIS, OURS_WIRE].map(contenderNamed),
    rounds: 1,
    measure: async ({ name }): Promise<CountedRenewal> => {
      await using topology = await openMasters(MASTERS, bench);
      let keysPerMaster: number[] = [];
      const task = { kind: 'renewal', contender: name, urls: urlsOf(topology), locks, ttlMs, measureMs } as const;
      const report = await runClient(task, {
        signal: bench.signal,
        graceMs: GRACE_MS,
        afterMeasuring: async (pid) => {
          const keys = Array.from({ length: locks }, (_, index) => `${keyPrefix(pid)}${String(index)}`);
          keysPerMaster = await Promise.all(
            topology.masters.map(async (master) => (await master.countKeys(keys))?.existing ?? NaN),
          );
        },
      });
      return { ...report, keysPerMaster };
    },
  });
  return {
    title: `N=${String(MASTERS)}, ${formatCount(locks)} locks held and renewed by one process, ttl ${formatDurationMs(ttlMs)}`,
    columns: ['contender', 'loop utilisation', 'CPU share', 'taken in', 'signals lost', 'keys on each master'],
    lines: field.map((one) => describe(one)),
    notes: noteFailures(field),
    verdicts: field.flatMap((one) => judge(one, locks)),
    measured: field,
  };
}

/**
 * Locks lost: those whose holder was told so, or those that a quorum may lack. When the QUORUM masters that have most
 * keys have all of them, no lock is lost; a key that lacks on one of them may be a lock that is.
 */
function lostLocks({ lost, keysPerMaster }: CountedRenewal, locks: number): number {
  const most = keysPerMaster.toSorted((a, b) => b - a).slice(0, QUORUM);
  return Math.max(lost, ...most.map((keys) => locks - keys));
}

function describe(one: Measured<CountedRenewal>): string[] {
  const [report] = one.reports;
  if (report === undefined) return [one.name, '-', '-', '-', '-', '-'];
  return [
    one.name,
    percent(report.utilization),
    percent(report.cpuNs / report.wallNs),
    formatNs(report.takingNs),
    formatCount(report.lost),
    report.keysPerMaster.map(formatCount).join(' '),
  ];
}

function judge(one: Measured<CountedRenewal>, locks: number): Verdict[] {
  const transport = one.name === OURS_WIRE ? 'wire' : 'ioredis';
  const utilization = medianOver(one, (report) => report.utilization);
  const lost = medianOver(one, (report) => lostLocks(report, locks));
  const measured = `${formatCount(locks)} held, ${transport}: loop utilisation`;
  return [
    judgeFigure(measured, percent(utilization), utilization, { relation: '<=', value: MOST_UTILIZATION }),
    judgeFigure('same: locks lost', formatCount(lost), lost, { relation: '<=', value: 0 }),
  ];
}

const percent = (share: number): string => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`);
