import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import {
  descendantsOf,
  eventually,
  isAlive,
  remains,
  type ProcessEntry,
  type Whereabouts,
} from './process-remains.fixture.js';
import { openTopology } from './topology.js';

const runs: ChildProcess[] = [];

afterEach(() => {
  for (const run of runs.splice(0)) run.kill('SIGKILL');
});

/** A run of its own in a process of its own, from the build: it prints its masters and then waits to be ended. */
async function startRun(input: ScenarioInput): Promise<{
  pid: number;
  end(signal: NodeJS.Signals): Promise<void>;
  masters: { process: Whereabouts }[];
  descendants: ProcessEntry[];
}> {
  const built = fileURLToPath(new URL('../../dist/src/', import.meta.url));
  const code = `
    import { openTopology } from '${built}servers/topology.js';
    import { completeScenario } from '${built}model/scenario.js';
    const scenario = completeScenario(${JSON.stringify(input)}, 1);
    process.on('SIGINT', () => console.log('interrupted'));
    const topology = await openTopology(scenario, process.env, new AbortController().signal);
    console.log(JSON.stringify(topology.masters.map(({ process: { pid, folder } }) => ({ process: { pid, folder } }))));
    setInterval(async () => console.log((await Promise.all(topology.masters.map((m) => m.sample()))).length), 50);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  runs.push(child);
  child.stdout.setEncoding('utf8');
  const [line] = (await once(child.stdout, 'data')) as [string];
  return {
    pid: child.pid!,
    masters: JSON.parse(line.split('\n')[0]!) as { process: Whereabouts }[],
    descendants: descendantsOf(child.pid!),
    end: async (signal) => {
      process.kill(child.pid!, signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

// Finding the helpers takes /proc.
describe.skipIf(process.platform !== 'linux')('a run that dies', () => {
  it('by SIGKILL takes its servers, paused ones too, its helpers and its folders with it', async () => {
    const run = await startRun({ masters: 3, rtt: [[{ roundTripMs: 1, jitterMs: 0 }]] });
    // The supervisor with three servers, and the proxies.
    expect(run.descendants).toHaveLength(5);
    process.kill(run.masters[1]!.process.pid, 'SIGSTOP');
    await run.end('SIGKILL');
    await eventually(() => remains(run.masters).length === 0, 'no server and no folder');
    await eventually(() => !run.descendants.some(({ pid }) => isAlive(pid)), 'no helper');
  });

  it("keeps its servers and helpers through a terminal's Ctrl-C until it has drained", async () => {
    const run = await startRun({ masters: 2, rtt: [[{ roundTripMs: 1, jitterMs: 0 }]] });
    // A terminal signals the whole foreground group at once; this run leads its own.
    expect(run.descendants.filter(({ group }) => group === run.pid)).toEqual([]);
    process.kill(-run.pid, 'SIGINT');
    for (const { pid } of run.descendants.filter(({ parent }) => parent === run.pid)) process.kill(pid, 'SIGINT');
    await sleep(200);
    expect(run.descendants.filter(({ pid }) => !isAlive(pid))).toEqual([]);
    await run.end('SIGKILL');
    await eventually(() => !run.descendants.some(({ pid }) => isAlive(pid)), 'nothing left');
  });

  it('leaves nothing even when its supervisor was killed before it', async () => {
    await using topology = await openTopology(
      completeScenario({ masters: 2 }, 1),
      process.env,
      new AbortController().signal,
    );
    const serverPid = topology.masters[0]!.process!.pid;
    const supervisor = descendantsOf(process.pid).find(({ pid }) => pid === serverPid)!.parent;
    expect(supervisor).not.toBe(process.pid);
    process.kill(supervisor, 'SIGKILL');
    await eventually(() => remains(topology.masters).length === 0, 'no server and no folder');
  });
});
