import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import type { RunResult } from '../model/result.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { inFolder } from './cli.fixture.js';
import { runCommandLine, type CommandLimits, type EndedCommand } from './gate-process.js';
import { readPrintedResult } from './gate-result.js';

const FAKE = fileURLToPath(new URL('fake-build.fixture.mjs', import.meta.url));
const never = new AbortController().signal;
const simulated = simulateRun({ seed: 5, intervals: 1, perInterval: 50 }).result;

function run(words: readonly string[], signal = never, limits?: CommandLimits): Promise<EndedCommand> {
  return runCommandLine([process.execPath, FAKE, ...words], process.env, signal, limits);
}

/** Lends a file with a stored result. */
function withResult<Value>(work: (file: string) => Promise<Value>, changes: object = {}): Promise<Value> {
  return inFolder(async (folder) => {
    const file = path.join(folder, 'result.json');
    await writeFile(file, JSON.stringify({ ...simulated, ...changes }));
    return work(file);
  });
}

function read(ended: EndedCommand): RunResult {
  return readPrintedResult('head (fake)', ended);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process that was sent SIGKILL is there until the system has taken it away. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  return !isAlive(pid);
}

/** Waits until the fake listens, and tells the id of what it started. */
async function startedBy(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(`${file}.ready`, 'utf8').catch(() => '');
    if (text !== '') return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a command that measures', () => {
  it('gives the result that it printed', async () => {
    const result = await withResult(async (file) => read(await run(['result', file, '0', '--seed', '77'])));
    expect(result).toMatchObject({ runId: simulated.runId, scenario: { seed: 77 } });
  });

  it('gives a result with an exit code that stands for one', async () => {
    for (const exitCode of ['3', '96', '99', '130']) {
      const result = await withResult(async (file) => read(await run(['result', file, exitCode, '--seed', '1'])));
      expect(result.runId).toBe(simulated.runId);
    }
    const crashed = await withResult(async (file) => read(await run(['result', file, '1', '--seed', '1'])), {
      status: 'crashed',
      exitCode: 1,
    });
    expect(crashed.status).toBe('crashed');
    await withResult(async (file) => {
      const ended = await run(['result', file, '7', '--seed', '1']);
      expect(() => read(ended)).toThrow('got exit code 7, which is not what its result stands for');
    });
  });

  it('takes the result of an older build, which lacks what was added since', async () => {
    // JSON leaves out what is undefined.
    const changes = { inFlight: undefined, health: { ...simulated.health, otherCpuSeconds: undefined } };
    const result = await withResult(async (file) => read(await run(['result', file, '0', '--seed', '1'])), changes);
    expect(result.runId).toBe(simulated.runId);
  });

  it('is refused with its last words when it fails, or prints something else', async () => {
    const failed = await run(['fail']);
    expect(() => read(failed)).toThrow(EnvironmentError);
    expect(() => read(failed)).toThrow(
      'head (fake): expected a result as JSON on standard output, got exit code 1 and no output; it complained:\nexpected a server, got none',
    );
    const listed = await run(['words']);
    expect(() => read(listed)).toThrow('the results of 1 runs, where one was expected');
    await withResult(
      async (file) => {
        const ended = await run(['result', file, '0', '--seed', '1']);
        expect(() => read(ended)).toThrow('a result with schemaVersion 99, where 1 was expected');
      },
      { schemaVersion: 99 },
    );
    await withResult(
      async (file) => {
        const ended = await run(['result', file, '0', '--seed', '1']);
        expect(() => read(ended)).toThrow(
          'exit code 0 and a result without a readable health.verdict, health.generatorCpuSeconds',
        );
      },
      { health: {} },
    );
    expect(() => read({ ...failed, stdout: 'PASS' })).toThrow('got exit code 1 and no JSON: PASS');
  });

  it('is refused when it cannot be started', async () => {
    const ended = await runCommandLine(['/nowhere/redlock-bench'], process.env, never);
    expect(() => read(ended)).toThrow(/it could not be started: spawn \/nowhere\/redlock-bench ENOENT/);
  });

  it('is interrupted when the gate is, writes what it has, and leaves nothing behind', async () => {
    await withResult(async (file) => {
      const controller = new AbortController();
      const ending = run(['hang', file, '--seed', '4'], controller.signal);
      const started = await startedBy(file);
      controller.abort();
      expect(read(await ending)).toMatchObject({ status: 'interrupted', exitCode: 130 });
      expect(await isGone(started)).toBe(true);
    });
  });

  it('is killed after a grace when it does not listen', async () => {
    await withResult(async (file) => {
      const controller = new AbortController();
      const ending = run(['deaf', file], controller.signal, { graceMs: 200 });
      const started = await startedBy(file);
      controller.abort();
      expect(await ending).toMatchObject({ killedBy: 'SIGKILL', stdout: '' });
      expect(await isGone(started)).toBe(true);
    });
  });

  it('is ended when its time is over, and gives what it then writes', async () => {
    await withResult(async (file) => {
      const ending = run(['hang', file, '--seed', '4'], never, { limitMs: 4_000 });
      const started = await startedBy(file);
      const ended = await ending;
      expect(ended).toMatchObject({ endedFor: 'no end within 4s', exitCode: 130 });
      expect(() => read(ended)).toThrow(/expected a result .*, got no end within 4s, so it was ended/);
      expect(await isGone(started)).toBe(true);
    });
  });

  it('is killed when it writes without end, and keeps no more of it than was allowed', async () => {
    const ended = await run(['flood'], never, { mostBytes: 100_000 });
    expect(ended).toMatchObject({ endedFor: 'more than 100000 bytes on standard output', killedBy: 'SIGKILL' });
    expect(ended.stdout.length).toBeLessThanOrEqual(100_000);
    expect(() => read(ended)).toThrow('got more than 100000 bytes on standard output, so it was ended');
  });

  it.each([
    ['environment.node', { environment: { ...simulated.environment, node: undefined } }],
    ['environment.tool.name', { environment: { ...simulated.environment, tool: { version: '1' } } }],
    ['environment.cpuModel', { environment: { ...simulated.environment, cpuModel: 7 } }],
    ['thresholds', { thresholds: {} }],
    ['incidents', { incidents: {} }],
    ['fairness', { fairness: undefined }],
    [
      'acquire.response',
      { acquire: { ...simulated.acquire, response: { ...simulated.acquire.response, hdr: 'damaged' } } },
    ],
  ])('is refused in plain words when its result lacks or damaged %s', async (field, changes) => {
    const ended = await withResult((file) => run(['result', file, '0', '--seed', '1']), changes);
    expect(() => read(ended)).toThrow(`a result without a readable ${field}`);
  });

  it('passes no password on that it complained with', async () => {
    const failed = await run(['fail']);
    const stderr = 'cannot reach redis://me:canary@10.0.0.1:6379';
    expect(() => read({ ...failed, stderr })).toThrow('cannot reach redis://10.0.0.1:6379');
  });
});
