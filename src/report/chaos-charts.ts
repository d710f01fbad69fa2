/**
 * The charts of fault experiments: who held what, and how much each grant could have lost.
 *
 * @module
 */
import type { ChaosReport, ExperimentResult } from '../model/chaos.js';
import { nameLock } from '../model/measured-lock.js';
import { describeSetting, EXPERIMENT_VERDICTS, fileNameOf, listFindings, nameExperiment } from './chaos-words.js';
import type { Chart, Frame } from './charts/chart.js';
import { faultMargins, marginNotes, MARGINS_TITLE } from './charts/fault-margins.js';
import { holderTimeline } from './charts/holder-timeline.js';

/** The charts of every experiment that was made, in order; names are unique within the report. */
export function chartsOfChaos(report: ChaosReport): Chart[] {
  return report.experiments.flatMap((experiment) => chartsOfExperiment(experiment, report));
}

/** The timeline of one experiment, and its fault margins where its lock tells them; none for one that was not made. */
export function chartsOfExperiment(experiment: ExperimentResult, report: ChaosReport): Chart[] {
  if (experiment.verdict === 'not-run') return [];
  const { evidence, timeline, omittedSpans, receipts, observed } = experiment;
  const notes = marginNotes(evidence.margins);
  return [
    ...(timeline.length === 0
      ? []
      : [
          holderTimeline(
            frameOf(experiment, report, 'timeline', 'Who held which key when', [`observed: ${listFindings(observed)}`]),
            timeline,
            receipts,
            omittedSpans,
          ),
        ]),
    ...(notes.length === 0
      ? []
      : [faultMargins(frameOf(experiment, report, 'margins', MARGINS_TITLE, notes), evidence.margins)]),
  ];
}

function frameOf(
  experiment: ExperimentResult,
  report: ChaosReport,
  chart: string,
  title: string,
  notes: readonly string[],
): Frame {
  const { verdict } = experiment;
  return {
    name: `${fileNameOf(experiment, report)}-${chart}`,
    title: `${nameExperiment(experiment)}: ${title}`,
    alarm: verdict === 'violated' ? EXPERIMENT_VERDICTS[verdict].text : '',
    scenario: `${nameLock(report.lock)}, ${describeSetting(experiment)}, ${report.server}, seed ${String(report.seed)}`,
    notes,
  };
}
