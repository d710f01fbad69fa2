/**
 * One page for fault experiments: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { ChaosReport } from '../model/chaos.js';
import { nameLock } from '../model/measured-lock.js';
import { chartsOfExperiment } from './chaos-charts.js';
import { describeChaosRun } from './chaos-words.js';
import { chaosTableSection, chaosVerdictSection, experimentSections, openExperiments } from './page/chaos-sections.js';
import { renderPage } from './page/page-shell.js';

/** Renders the page: the verdict, the table, then each experiment with receipts, evidence and pictures. */
export function renderChaosReport(report: ChaosReport): Promise<string> {
  const owned = report.experiments.map((experiment) => ({
    experiment,
    charts: chartsOfExperiment(experiment, report),
  }));
  const charts = owned.flatMap((each) => each.charts);
  return renderPage({
    title: `Faults against ${nameLock(report.lock)}`,
    subtitle: describeChaosRun(report),
    charts,
    isFolded: (chart) =>
      !owned.some((each) => each.charts.includes(chart) && openExperiments(report).includes(each.experiment)),
    verdict: chaosVerdictSection(report),
    answer: chaosTableSection(report),
    details: (figures) =>
      experimentSections(report, (experiment) =>
        figures.filter((_, index) => {
          const chart = charts[index];
          return (
            chart !== undefined && owned.some((each) => each.experiment === experiment && each.charts.includes(chart))
          );
        }),
      ),
  });
}
