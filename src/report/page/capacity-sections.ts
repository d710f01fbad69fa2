/**
 * A search for capacity on its page: the answer, what stands beside it, every step, and how it was searched.
 *
 * @module
 */
import type { CapacityReport, CapacityStep, Percentiles } from '../../model/capacity.js';
import { formatAmount, formatCount, formatRate, formatShare } from '../../model/figure-text.js';
import { formatDurationMs, formatNs, msToNs } from '../../model/time.js';
import {
  capacityFacts,
  describeAnswer,
  describeBusiest,
  describeConfirmations,
  describeNoAnswer,
  STEP_EMPHASIS,
  STEP_MEANINGS,
} from '../capacity-words.js';
import { formatPercent, formatPValue } from '../effect-words.js';
import { isSupported, NONE } from '../figures.js';
import { describeThresholdValue } from '../verdicts.js';
import { markup, type Markup } from './markup.js';
import { table, wordTable } from './page-tables.js';

/** The capacity in large letters, and what stands beside it. */
export function capacityAnswerSection(report: CapacityReport): Markup {
  const more = [describeConfirmations(report), describeNoAnswer(report)].filter((text) => text !== undefined);
  const facts = capacityFacts(report);
  return markup`<p class="rate">${describeAnswer(report)}</p>${more.map((text) => markup`<p>${text}</p>`)}${facts.length > 0 ? wordTable(underOneName(facts)) : markup``}`;
}

/** Facts without a name go on with what stands above them; a row without a heading would be nobody's. */
function underOneName(facts: readonly (readonly [string, string])[]): (readonly [string, Markup])[] {
  return facts.flatMap(([name], index) => {
    if (name === '' && index > 0) return [];
    const next = facts.findIndex(([other], at) => at > index && other !== '');
    const own = facts.slice(index, next === -1 ? facts.length : next);
    return [[name, markup`${own.map(([, text]) => markup`<p>${text}</p>`)}`] as const];
  });
}

/** Every step, why it counted as it did, the closed loop, and the rules. */
export function capacityDetailSections(report: CapacityReport): Markup {
  return markup`${stepSection(report)}${scalingSection(report)}${methodSection(report)}`;
}

function stepSection({ steps }: CapacityReport): Markup {
  if (steps.length === 0) return markup`<h2>Steps</h2><p>No step was over.</p>`;
  const rows = steps.map((step) => {
    const { response, service } = step;
    const verdict =
      step.safety === 'violation'
        ? markup`<td class="bad">${step.verdict}, exclusion VIOLATED ${formatCount(step.contractCount)}×</td>`
        : markup`<td class="${STEP_EMPHASIS[step.verdict]}">${step.verdict}</td>`;
    const cells = [
      formatRate(step.acquiredPerSecond),
      formatShare(step.successRatio),
      quantile(response, 0.5, response.p50Ns),
      quantile(response, 0.99, response.p99Ns),
      quantile(response, 0.999, response.p999Ns),
      quantile(service, 0.99, service.p99Ns),
      describeBusiest(step),
      formatAmount(step.generatorCores),
      `${String(step.workers)}, ${step.transport}`,
    ].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th>${step.number} ${step.purpose}</th><td>${formatRate(step.ratePerSecond)}</td>${verdict}${cells}</tr>`;
  });
  const heads = [
    'step',
    'offered',
    'verdict',
    'acquired',
    'share',
    'response p50',
    'p99',
    'p99.9',
    'service p99',
    'busiest master',
    'generator cores',
    'workers',
  ];
  const meanings = Object.entries(STEP_MEANINGS).filter(([verdict]) => steps.some((step) => step.verdict === verdict));
  return markup`<h2>Steps</h2>${table(heads, rows)}
<details><summary>what the verdicts mean</summary>${wordTable(meanings)}</details>
<details><summary>why each step counted as it did</summary>${table(['step', 'why', 'SLO', 'folder'], steps.map(reasonRow), 'words')}</details>
<details><summary>the evidence of each step</summary>${evidenceTable(steps)}</details>`;
}

function quantile({ count }: Percentiles, share: number, ns: number): string {
  return isSupported(share, count) ? formatNs(ns) : NONE;
}

function reasonRow(step: CapacityStep): Markup {
  const slo = step.slo.map(
    (each) =>
      markup`<p class="${each.passed ? '' : 'alarm'}">${each.expression}: ${describeThresholdValue(each)}${each.passed ? '' : ', missed'}</p>`,
  );
  return markup`<tr><th>${step.number}, ${formatRate(step.ratePerSecond)}</th><td class="long">${step.reasons.join(' ') || STEP_MEANINGS[step.verdict]}</td><td>${slo}</td><td>${step.directory ?? 'not kept'}</td></tr>`;
}

function evidenceTable(steps: readonly CapacityStep[]): Markup {
  const rows = steps.map((step) => {
    const { drift } = step;
    const cells = [
      step.health,
      formatNs(step.scheduleDelayP99Ns),
      formatShare(step.eventLoopUtilization),
      drift === null ? NONE : `${formatNs(drift.nsPerSecond)} each second (p ${formatPValue(drift.pValue)})`,
      `${step.inFlightMean === null ? NONE : formatAmount(step.inFlightMean)} (${formatAmount(step.inFlightByLittle)})`,
      formatCount(step.dropped),
      formatCount(step.unfinished),
      step.otherCores === null ? NONE : formatAmount(step.otherCores),
      `${formatDurationMs(step.durationMs)} after ${formatNs(msToNs(step.warmupMs))}`,
      String(step.seed),
    ].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th>${step.number}, ${formatRate(step.ratePerSecond)}</th>${cells}</tr>`;
  });
  return table(
    [
      'step',
      'health',
      'start delay p99',
      'event loop',
      'drift of the p50',
      'under way (by Little)',
      'dropped',
      'unfinished',
      'other cores',
      'measured',
      'seed',
    ],
    rows,
  );
}

function scalingSection({ scaling }: CapacityReport): Markup {
  if (scaling === null || scaling.points.length === 0) return markup``;
  const clients = [...new Set(scaling.points.map((point) => point.clients))].sort((a, b) => a - b);
  const rows = clients.map((count) => {
    const points = scaling.points.filter((point) => point.clients === count);
    const rates = points.map((point) => `${point.health === 'suspect' ? '≥ ' : ''}${formatRate(point.ratePerSecond)}`);
    return markup`<tr><th>${count}</th><td>${rates.join(' · ')}</td></tr>`;
  });
  return markup`<h2>Closed loop</h2><details><summary>every round by clients</summary>${table(['clients', 'acquisitions/s, round by round'], rows, 'words')}</details>`;
}

function methodSection({ precision, slo }: CapacityReport): Markup {
  return markup`<h2>How it was searched</h2><p>Open loop: operations begin on a schedule, and the response time counts from the intended start. The rate grew until the SLO (${slo.join(' and ')}) was missed, then the gap between the highest rate that met it and the lowest that missed it was halved on a geometric grid until it was at most ${formatPercent(precision)} wide; both ends were repeated in shuffled order.
A step counts when its generator kept the schedule and its latency did not drift; steps that the generator shaped were tried with more workers or another transport, which was kept where it helped; steps that other processes of the machine shaped were repeated. Neither is taken for a limit of the masters.
The capacity holds for these masters, this load and this machine. What it is elsewhere is not from this data.</p>`;
}
