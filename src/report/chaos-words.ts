/**
 * Fault experiments in words: what was seen, what it means, and what a report must say first.
 *
 * @module
 */
import {
  FINDINGS,
  type ChaosReport,
  type ExperimentResult,
  type ExperimentVerdict,
  type Finding,
  type Variant,
} from '../model/chaos.js';
import { formatThings } from '../model/figure-text.js';
import { nameLock } from '../model/measured-lock.js';
import { msToNs, formatNs } from '../model/time.js';
import { countReceipts } from './fault-words.js';
import { NONE } from './figures.js';
import type { Tone, VerdictLine } from './verdicts.js';

/** What each finding means, for legends. */
export const FINDING_MEANINGS: Readonly<Record<Finding, string>> = {
  contract: 'two promises of one key overlapped',
  'granted-expired': 'a lock was handed out whose promise had ended',
  corruption: 'the guarded resource lost an acknowledged update',
  stuck: 'nobody could acquire any more, although the fault and a ttl were over',
  belief: 'two clients believed that they held one key, the promise of one having ended',
  rejected: 'the resource refused an operation for its old fence',
  liveness: 'nobody could acquire for a while, such as for the ttl of a key that nobody held any more',
};

/** In the width of a column. */
export const FINDING_NAMES: Readonly<Record<Finding, string>> = {
  contract: 'contract',
  'granted-expired': 'expired',
  corruption: 'corruption',
  stuck: 'stuck',
  belief: 'belief',
  rejected: 'rejected',
  liveness: 'liveness',
};

export const EXPERIMENT_VERDICTS: Readonly<Record<ExperimentVerdict, VerdictLine>> = {
  'as-expected': { tone: 'good', text: 'as expected' },
  violated: { tone: 'bad', text: 'VIOLATED' },
  differs: { tone: 'warning', text: 'differs' },
  unknown: { tone: 'warning', text: 'UNKNOWN' },
  'not-run': { tone: 'warning', text: 'not run' },
};

const VARIANT_NAMES: Readonly<Record<Variant, string>> = {
  plain: 'plain',
  redlock: 'redlock',
  fenced: 'fenced',
  'delayed-restart': 'delayed',
};

const VARIANT_WORDS: Readonly<Record<Variant, string>> = {
  plain: 'a plain lock',
  redlock: 'redlock',
  fenced: 'fenced',
  'delayed-restart': 'delayed restart',
};

/** What the whole report says, in one sentence that comes first; absence is only "none observed". */
export function describeReport(report: ChaosReport): VerdictLine {
  const { experiments, status } = report;
  const own = describeOwn(report);
  const planned = experiments.filter(({ isMutant }) => isMutant);
  const mutants = planned.filter(({ verdict }) => verdict !== 'not-run');
  const untried = planned.length - mutants.length;
  const missed = mutants.filter(({ verdict }) => verdict !== 'as-expected');
  const notRun = experiments.filter(({ verdict, isMutant }) => verdict === 'not-run' && !isMutant).length;
  const clauses = [
    ...(missed.length > 0
      ? [
          `DETECTORS MISSED ${String(missed.length)} of ${formatThings(mutants.length, 'mutant')} (${listLocks(missed)})`,
        ]
      : []),
    own.text,
    ...(mutants.length > 0 && missed.length === 0
      ? [`${String(mutants.length)} of ${formatThings(mutants.length, 'mutant')} caught`]
      : []),
    ...(untried > 0 ? [`${String(untried)} of ${formatThings(planned.length, 'mutant')} not tried`] : []),
    ...(notRun > 0 ? [`${String(notRun)} not run`] : []),
    ...(status === 'complete' ? [] : ['interrupted before the end']),
  ];
  const isWhole = status === 'complete' && untried === 0;
  const tone = missed.length > 0 ? 'bad' : !isWhole && own.tone === 'good' ? 'warning' : own.tone;
  return { tone, text: clauses.join('; ') };
}

/** The same of the experiments with the lock itself. */
function describeOwn(report: ChaosReport): VerdictLine {
  const lock = nameLock(report.lock);
  const own = report.experiments.filter(({ isMutant }) => !isMutant);
  const having = (verdict: ExperimentVerdict): ExperimentResult[] => own.filter((each) => each.verdict === verdict);
  const violated = having('violated');
  const unknown = having('unknown');
  const differing = having('differs');
  const made = own.length - having('not-run').length;
  const all = formatThings(made, 'experiment');
  if (violated.length > 0) {
    const doubt = unknown.length > 0 ? `; ${String(unknown.length)} unknown` : '';
    const text = `VIOLATED: ${lock} broke where it should have held, in ${String(violated.length)} of ${all} (${listIds(violated)})${doubt}`;
    return { tone: 'bad', text };
  }
  if (unknown.length > 0) {
    const text = `UNKNOWN: ${String(unknown.length)} of ${all} with ${lock} could not be judged (${listIds(unknown)})`;
    return { tone: 'warning', text };
  }
  if (made === 0) return { tone: 'warning', text: `NOTHING RUN with ${lock}` };
  if (differing.length > 0) {
    const text = `DIFFERS: ${String(differing.length)} of ${all} with ${lock} saw something else than expected (${listIds(differing)})`;
    return { tone: 'warning', text };
  }
  const broken = own.filter(({ observed }) => observed.some(isBreach)).length;
  const known =
    broken > 0
      ? `in ${String(broken)} of them the lock broke, as it was expected to`
      : 'no broken promise observed in any';
  return { tone: 'good', text: `AS EXPECTED: ${all} with ${lock} saw what was expected; ${known}` };
}

/** Whether a finding says that the lock, and not only its holder, failed. */
function isBreach(finding: Finding): boolean {
  return finding === 'contract' || finding === 'granted-expired' || finding === 'corruption';
}

/** `F5 clock-jump`. */
export function nameExperiment({ id, name }: ExperimentResult): string {
  return `${id} ${name}`;
}

/** The variant and the number of masters in the width of a column: `delayed 5`. */
export function nameSetting({ variant, masters }: ExperimentResult): string {
  return `${VARIANT_NAMES[variant]} ${String(masters)}`;
}

/** The same in words: `fenced, 3 masters`; with the lock where it is a mutant. */
export function describeSetting({ variant, masters, lock, isMutant }: ExperimentResult): string {
  const mutant = isMutant ? `lock ${lock}, ` : '';
  return `${mutant}${VARIANT_WORDS[variant]}, ${formatThings(masters, 'master')}`;
}

/** Findings in a line; a dash for an experiment that was not made, `nothing` where there is none. */
export function listFindings(findings: readonly Finding[], empty = 'nothing'): string {
  return findings.length === 0 ? empty : findings.join(', ');
}

/** What had to be seen, and in brackets what was seen and allowed besides. */
export function listExpected({ expected, allowed, observed }: ExperimentResult): string[] {
  const must = FINDINGS.filter((each) => expected.includes(each));
  const also = FINDINGS.filter((each) => allowed.includes(each) && observed.includes(each));
  return [...must.map((each) => FINDING_NAMES[each]), ...also.map((each) => `(${FINDING_NAMES[each]})`)];
}

/** `3 of 3`, or a dash where no fault belongs to the experiment. */
export function describeReceipts({ receipts }: ExperimentResult): string {
  const { effective, all } = countReceipts(receipts);
  return all === 0 ? NONE : `${String(effective)} of ${String(all)}`;
}

/** Whether every fault of an experiment is proved. */
export function receiptTone({ receipts }: ExperimentResult): Tone {
  const { effective, all } = countReceipts(receipts);
  return effective === all ? 'good' : 'warning';
}

/** What to read about before the table: violations, then what is unknown or differs, then what was not run. */
export function troublesOf({ experiments }: ChaosReport): ExperimentResult[] {
  const order: readonly ExperimentVerdict[] = ['violated', 'unknown', 'differs', 'not-run'];
  return order.flatMap((verdict) => experiments.filter((each) => each.verdict === verdict));
}

/** The lock, its servers and the seed: what holds for every experiment. */
export function describeChaosRun(report: ChaosReport): string {
  const tookMs = report.experiments.reduce((sum, { tookMs: each }) => sum + each, 0);
  return [
    `lock ${nameLock(report.lock)}`,
    report.server,
    `seed ${String(report.seed)}`,
    `${formatThings(report.experiments.length, 'experiment')} in ${formatNs(msToNs(tookMs))}`,
  ].join(', ');
}

/** A name for the files of an experiment, its own within the report. */
export function fileNameOf(experiment: ExperimentResult, report: ChaosReport): string {
  const slug = (each: ExperimentResult): string =>
    [each.id, each.name, ...(each.isMutant ? [each.lock] : []), each.variant, `n${String(each.masters)}`]
      .join('-')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-');
  const own = slug(experiment);
  const earlier = report.experiments.slice(0, report.experiments.indexOf(experiment));
  const namesakes = earlier.filter((each) => slug(each) === own).length;
  return namesakes === 0 ? own : `${own}-${String(namesakes + 1)}`;
}

function listIds(experiments: readonly ExperimentResult[]): string {
  return listFew(experiments.map(({ id }) => id));
}

function listLocks(experiments: readonly ExperimentResult[]): string {
  return listFew(experiments.map(({ lock }) => lock));
}

function listFew(names: readonly string[]): string {
  const ids = [...new Set(names)];
  const most = 8;
  return ids.length <= most ? ids.join(', ') : `${ids.slice(0, most).join(', ')} and ${String(ids.length - most)} more`;
}
