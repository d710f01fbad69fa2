import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { descendantsOf, eventually, isAlive, remains } from './process-remains.fixture.js';
import { RunProcess } from './run-process.fixture.js';
import { openTopology } from './topology.js';

const runs: RunProcess[] = [];

afterEach(async () => {
  for (const run of runs.splice(0)) await run.end('SIGKILL');
});

async function startRun(input: ScenarioInput): Promise<RunProcess> {
  const run = await RunProcess.start(input, process.env);
  runs.push(run);
  return run;
}

// Finding the helpers takes /proc.
describe.skipIf(process.platform !== 'linux')('a run that dies', () => {
  it('by SIGKILL takes its servers, paused ones too, its helpers and its folders with it', async () => {
    const run = await startRun({ masters: 3, rtt: [[{ roundTripMs: 1, jitterMs: 0 }]] });
    // The supervisor with three servers, and the proxies.
    expect(run.descendants).toHaveLength(5);
    process.kill(run.masters[1]!.server.pid, 'SIGSTOP');
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
    const serverPid = topology.masters[0]!.server!.pid;
    const supervisor = descendantsOf(process.pid).find(({ pid }) => pid === serverPid)!.parent;
    expect(supervisor).not.toBe(process.pid);
    process.kill(supervisor, 'SIGKILL');
    await eventually(() => remains(topology.masters).length === 0, 'no server and no folder');
  });
});
