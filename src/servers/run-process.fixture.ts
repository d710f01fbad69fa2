/**
 * A run of its own in a process of its own, so that a test can kill it.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ScenarioInput } from '../model/scenario.js';
import { descendantsOf, type Whereabouts } from './process-remains.fixture.js';
import type { ProcessStat } from './process-stat.js';

/** It has opened its masters, samples them, and waits to be ended. */
export class RunProcess {
  readonly masters: readonly { readonly server: Whereabouts }[];
  readonly descendants: readonly ProcessStat[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, masters: readonly { readonly server: Whereabouts }[]) {
    this.#child = child;
    this.masters = masters;
    this.descendants = descendantsOf(this.pid);
  }

  /** Starts it from the build. */
  static async start(input: ScenarioInput, environment: NodeJS.ProcessEnv): Promise<RunProcess> {
    const built = fileURLToPath(new URL('../../dist/src/', import.meta.url));
    const code = `
      import { openTopology } from '${built}servers/topology.js';
      import { completeScenario } from '${built}model/scenario.js';
      const scenario = completeScenario(${JSON.stringify(input)}, 1);
      process.on('SIGINT', () => console.log('interrupted'));
      const topology = await openTopology(scenario, process.env, new AbortController().signal);
      console.log(JSON.stringify(topology.masters.map(({ server: { pid, folder } }) => ({ server: { pid, folder } }))));
      setInterval(async () => console.log((await Promise.all(topology.masters.map((m) => m.sample()))).length), 50);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: environment,
    });
    child.stdout.setEncoding('utf8');
    const [line] = (await once(child.stdout, 'data')) as [string];
    child.stdout.resume();
    return new RunProcess(child, JSON.parse(line.split('\n')[0]!) as { server: Whereabouts }[]);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The parent of its servers. */
  get supervisor(): number {
    return this.descendants.find(({ pid }) => pid === this.masters[0]!.server.pid)!.parent;
  }

  /** What it started beside the supervisor. */
  get proxies(): number {
    return this.descendants.find(({ parent, pid }) => parent === this.pid && pid !== this.supervisor)!.pid;
  }

  /** Signals it and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    process.kill(this.pid, signal);
    await exit;
  }
}
