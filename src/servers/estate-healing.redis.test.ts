import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScenarioInput } from '../model/scenario.js';
import { healEstates } from './estate-healing.js';
import { EstateJournal, estatesFolder, readMachine, type EstateEntry } from './estate-journal.js';
import { eventually, isAlive, remains } from './process-remains.fixture.js';
import { identifyProcess, readProcessStat, type ProcessIdentity } from './process-stat.js';
import { RunProcess } from './run-process.fixture.js';
import { openServerHost } from './server-host.js';

let root: string;
const runs: RunProcess[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'redlock-bench-test-'));
});

afterEach(async () => {
  for (const run of runs.splice(0)) await run.end('SIGKILL');
  await healEstates(root);
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

/** A run whose temporary files are all in a folder of this test's own. */
async function startRun(input: ScenarioInput): Promise<RunProcess> {
  const run = await RunProcess.start(input, { ...process.env, TMPDIR: root });
  runs.push(run);
  return run;
}

/** Kills the run and its supervisor so that neither sees the other's end. */
async function killBoth(run: RunProcess): Promise<void> {
  for (const pid of [run.pid, run.supervisor]) process.kill(pid, 'SIGSTOP');
  await eventually(
    () => [run.pid, run.supervisor].every((pid) => readProcessStat(pid)?.state === 'T'),
    'both have stopped',
  );
  process.kill(run.supervisor, 'SIGKILL');
  await run.end('SIGKILL');
  await eventually(() => !isAlive(run.supervisor), 'the end of the supervisor');
}

function journalText(): string {
  const folder = estatesFolder(root);
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

function livingDescendants(run: RunProcess): number[] {
  return run.descendants.map(({ pid }) => pid).filter(isAlive);
}

// There is no journal without /proc.
describe.skipIf(process.platform !== 'linux')('what a run leaves that was killed with its supervisor', () => {
  it('is ended and removed by the next start, stopped servers too', async () => {
    const run = await startRun({ masters: 3, persistence: 'always' });
    process.kill(run.masters[1]!.server.pid, 'SIGSTOP');
    await killBoth(run);
    expect(remains(run.masters)).toHaveLength(6);
    const healed = await healEstates(root);
    expect(remains(run.masters)).toEqual([]);
    expect(livingDescendants(run)).toEqual([]);
    const servers = run.masters.map(({ server }) => server);
    expect(new Set(healed)).toEqual(
      new Set([
        ...servers.map(({ pid }) => `ended process ${String(pid)}, left by a run that was killed`),
        ...servers.map(({ folder }) => `removed ${folder}, left by a run that was killed`),
      ]),
    );
    expect(healed).toHaveLength(6);
    // Nor is the journal left.
    expect(readdirSync(root)).toEqual([]);
    expect(await healEstates(root)).toEqual([]);
  });

  it('is ended even where it was not spawned by the supervisor: proxies that were stopped', async () => {
    const run = await startRun({ masters: 1, rtt: [[{ roundTripMs: 1, jitterMs: 0 }]] });
    // An adoption is not waited for.
    await eventually(() => journalText().includes(`"pid":${String(run.proxies)},`), 'the proxies in the journal');
    process.kill(run.proxies, 'SIGSTOP');
    await killBoth(run);
    expect(isAlive(run.proxies)).toBe(true);
    await healEstates(root);
    expect(livingDescendants(run)).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('is healed by a new run before it starts its own servers', async () => {
    const killed = await startRun({ masters: 2 });
    await killBoth(killed);
    const next = await startRun({ masters: 1 });
    expect(remains(killed.masters)).toEqual([]);
    expect(remains(next.masters)).toHaveLength(2);
  });
});

describe.skipIf(process.platform !== 'linux')('a supervisor that was stopped', () => {
  it('is ended with its servers when its run is gone', async () => {
    const run = await startRun({ masters: 2 });
    process.kill(run.supervisor, 'SIGSTOP');
    await run.end('SIGKILL');
    expect(remains(run.masters)).toHaveLength(4);
    await healEstates(root);
    expect(livingDescendants(run)).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('a run that goes on', () => {
  it('keeps its servers, its folders and its journal', async () => {
    const run = await startRun({ masters: 2 });
    expect(await healEstates(root)).toEqual([]);
    expect(remains(run.masters)).toHaveLength(4);
    expect(readdirSync(estatesFolder(root))).toHaveLength(1);
    await run.end('SIGKILL');
    // Its supervisor does it in order, and the journal goes last.
    await eventually(() => readdirSync(root).length === 0, 'no folder and no journal');
    await eventually(() => livingDescendants(run).length === 0, 'no process');
  });

  it('has what it adopted ended with it', async () => {
    const adopted = startSleep();
    const host = await openServerHost(process.env);
    host.adopt(adopted.pid);
    await host[Symbol.asyncDispose]();
    expect(isAlive(adopted.pid)).toBe(false);
  });
});

describe.skipIf(process.platform !== 'linux')('a journal', () => {
  it('kills no process that was given the pid later', async () => {
    const { pid, startTicks } = startSleep();
    writeJournal([{ kind: 'process', process: { pid, startTicks: startTicks - 1 } }]);
    expect(await healEstates(root)).toEqual([]);
    expect(isAlive(pid)).toBe(true);
    writeJournal([{ kind: 'process', process: { pid, startTicks } }]);
    expect(await healEstates(root)).toEqual([`ended process ${String(pid)}, left by a run that was killed`]);
    expect(isAlive(pid)).toBe(false);
  });

  it('finds a server that was spawned and not written down, by its folder and its log', async () => {
    const folder = mkdtempSync(join(root, 'redlock-bench-'));
    const log = openSync(join(folder, 'server.log'), 'a');
    const unwritten = startSleep({ cwd: folder, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const visitors = [startSleep({ cwd: folder }), startSleep({ cwd: folder, detached: true })];
    writeJournal([{ kind: 'folder', root, name: folder.slice(root.length + 1) }]);
    await healEstates(root);
    expect([isAlive(unwritten.pid), existsSync(folder)]).toEqual([false, false]);
    expect(visitors.map(({ pid }) => isAlive(pid))).toEqual([true, true]);
  });

  it('removes nothing but the folders of servers', async () => {
    const names = ['results', 'redlock-bench-estates-1', 'redlock-bench-run', '../redlock-bench-abcdef'];
    for (const name of names) mkdirSync(join(root, 'inner', name), { recursive: true });
    writeJournal(names.map((name) => ({ kind: 'folder', root: join(root, 'inner'), name })));
    expect(await healEstates(root)).toEqual([]);
    expect(names.filter((name) => existsSync(join(root, 'inner', name)))).toEqual(names);
    expect(existsSync(estatesFolder(root))).toBe(false);
  });

  it('is read up to a line that was torn', async () => {
    const child = startSleep();
    writeJournal([{ kind: 'process', process: child }], '{"kind":"folder","root":"/tm');
    expect(await healEstates(root)).toHaveLength(1);
    expect(isAlive(child.pid)).toBe(false);
    expect(existsSync(estatesFolder(root))).toBe(false);
  });

  it('of another container or machine is left to it, and of an earlier start of the machine ends nothing', async () => {
    const child = startSleep();
    const folder = mkdtempSync(join(root, 'redlock-bench-'));
    const entries: EstateEntry[] = [
      { kind: 'process', process: child },
      { kind: 'folder', root, name: folder.slice(root.length + 1) },
    ];
    const here = readMachine()!;
    writeJournal(entries, '', { ...here, pidNamespace: 'pid:[1]' });
    expect(await healEstates(root)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
    writeJournal(entries, '', { ...here, machine: 'another', boot: 'its own' });
    expect(await healEstates(root)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
    writeJournal(entries, '', { ...here, boot: 'earlier' });
    expect(await healEstates(root)).toEqual([`removed ${folder}, left by a run that was killed`]);
    expect(isAlive(child.pid)).toBe(true);
  });

  it('that cannot be healed keeps no other from being, and no run from starting', async () => {
    const child = startSleep();
    writeJournal([{ kind: 'process', process: child }]);
    // Not a file at all.
    mkdirSync(join(estatesFolder(root), '1-1.jsonl'));
    const healed = await healEstates(root);
    expect(healed).toHaveLength(2);
    expect(healed.find((line) => line.startsWith('could not heal '))).toMatch(/1-1\.jsonl: /);
    expect(isAlive(child.pid)).toBe(false);
    const run = await startRun({ masters: 1 });
    expect(remains(run.masters)).toHaveLength(2);
  });

  it('that cannot be written keeps no server from being spawned, nor from ending with its run', async () => {
    mkdirSync(estatesFolder(root));
    chmodSync(estatesFolder(root), 0o777);
    const run = await startRun({ masters: 2, rtt: [[{ roundTripMs: 1, jitterMs: 0 }]] });
    expect(remains(run.masters)).toHaveLength(4);
    expect(readdirSync(estatesFolder(root))).toEqual([]);
    await run.end('SIGKILL');
    await eventually(() => remains(run.masters).length === 0, 'no server and no folder');
    await eventually(() => livingDescendants(run).length === 0, 'no process');
  });

  it('is neither believed nor written where others may write', async () => {
    const child = startSleep();
    writeJournal([{ kind: 'process', process: child }]);
    chmodSync(estatesFolder(root), 0o777);
    expect(await healEstates(root)).toEqual([]);
    expect(isAlive(child.pid)).toBe(true);
    expect(() => EstateJournal.open(root)).toThrow(/expected a folder that is yours alone/);
  });
});

function startSleep(options: Pick<SpawnOptions, 'cwd' | 'detached' | 'stdio'> = {}): ProcessIdentity {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', ...options });
  children.push(child);
  return identifyProcess(child.pid!)!;
}

/** As a supervisor would have left it that is gone: its pid is beyond what the kernel gives. */
function writeJournal(entries: readonly EstateEntry[], torn = '', machine = readMachine()!): void {
  const gone: ProcessIdentity = { pid: 2 ** 22 + 1, startTicks: 1 };
  const header: EstateEntry = { kind: 'estate', supervisor: gone, run: gone, ...machine };
  const lines = [header, ...entries].map((entry) => `${JSON.stringify(entry)}\n`);
  mkdirSync(estatesFolder(root), { recursive: true, mode: 0o700 });
  writeFileSync(join(estatesFolder(root), `${String(gone.pid)}-1.jsonl`), lines.join('') + torn);
}
