/**
 * `chaos`: fault experiments on a lock, or simulated schedules of our own client.
 *
 * @module
 */
import { EXPERIMENT_NAMES, runChaos, type ChaosListener } from '../chaos/chaos.js';
import { EXIT_CODES } from '../check/exit-code.js';
import type { ChaosReport, ExperimentResult } from '../model/chaos.js';
import { formatThings } from '../model/figure-text.js';
import { nsToS, systemClock } from '../model/time.js';
import { storeChaos, writeChaos } from '../report/chaos-folder.js';
import { renderChaosSummary, renderExperimentEnd } from '../report/chaos-summary.js';
import { toJson } from '../report/json-text.js';
import { wrap } from '../report/figures.js';
import { readChaosRequest } from './chaos-request.js';
import { interruptible } from './interrupt.js';
import { readNewOutput } from './new-folder.js';
import type { RawArguments } from './options.js';
import { readOutput, type Output } from './output.js';
import type { Screen } from './screen.js';
import { simulate } from './simulate.js';
import { stdoutStyle, styleOf } from './terminal.js';

/** Makes the experiments, writes, prints. Gives the exit code: a violation before what stayed unknown. */
export async function chaosCommand(raw: RawArguments): Promise<number> {
  if (raw['list'] === true) {
    process.stdout.write(listExperiments());
    return EXIT_CODES.ok;
  }
  const request = readChaosRequest(raw);
  if (request.kind === 'simulation') return await simulate(request, readOutput(raw, 'simulation'));
  const output = await readNewOutput(raw, `chaos-${nameForFile(request.lock)}`);
  let exitCode: number = EXIT_CODES.ok;
  await interruptible(async (signal, screen) => {
    const progress = output.isQuiet ? undefined : new Progress(screen);
    const listener: ChaosListener = {
      planned: (count) => progress?.begin(count),
      ended: async (result, report) => {
        await storeChaos(output.directory, report);
        progress?.ended(result);
      },
    };
    const context = { listener, environment: process.env, signal };
    const report = await runChaos({ ...request, directory: output.directory }, context);
    screen.clear();
    await conclude(report, output);
    exitCode = report.exitCode;
  });
  return exitCode;
}

async function conclude(report: ChaosReport, { directory, isJson }: Output): Promise<void> {
  const files = await writeChaos(directory, report);
  process.stdout.write(isJson ? toJson(report) : `${renderChaosSummary(report, stdoutStyle(), files)}\n`);
}

/** A line for each experiment, when it is over, and on a terminal how far the next one is. */
class Progress {
  readonly #screen: Screen;
  #sinceNs = systemClock.nowNs();
  #done = 0;
  #total = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  begin(count: number): void {
    this.#total = count;
    this.#screen.line(
      `${formatThings(count, 'experiment')}; each starts masters and clients of its own, and ends them`,
    );
    this.#screen.show(({ columns }) => {
      const forS = nsToS(systemClock.nowNs() - this.#sinceNs).toFixed(0);
      return [`experiment ${String(this.#done + 1)} of ${String(this.#total)}, for ${forS} s`.slice(0, columns - 1)];
    });
  }

  ended(result: ExperimentResult): void {
    this.#done++;
    const total = String(this.#total);
    const place = `[${String(this.#done).padStart(total.length)}/${total}]`;
    this.#sinceNs = systemClock.nowNs();
    if (this.#done === this.#total) this.#screen.clear();
    this.#screen.line(`${place} ${renderExperimentEnd(result, styleOf(process.stderr, process.env))}`);
  }
}

const ID_COLUMNS = 4;
const LEAST_COLUMNS = 30;

function listExperiments(): string {
  const width = Math.max(...EXPERIMENT_NAMES.map(({ name }) => name.length));
  const margin = ID_COLUMNS + 1 + width + 2;
  const lines = EXPERIMENT_NAMES.flatMap(({ id, name, question }) =>
    wrap(question, Math.max(LEAST_COLUMNS, stdoutStyle().columns - margin)).map((part, line) =>
      line === 0 ? `${id.padEnd(ID_COLUMNS)} ${name.padEnd(width)}  ${part}` : ' '.repeat(margin) + part,
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** `npm:redlock@5` → `npm-redlock-5`. */
function nameForFile(lock: string): string {
  return lock
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
}
