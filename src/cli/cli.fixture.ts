/**
 * Runs the built command line as a user would.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RunResult } from '../model/result.js';

const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url);

/** What a command left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error shows the text. */
  shows(text: string): Promise<void>;
}

/** Starts a command; `environment` is laid over a CI-like one. */
export function startCli(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [MAIN.pathname, ...words], {
    env: { ...process.env, CI: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
  return {
    process: child,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () => {
          reject(new Error(`expected "${text}" on standard error, got:\n${stderr}`));
        });
        look();
      }),
  };
}

/** Runs a command to its end. */
export async function runCli(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
  return startCli(words, environment).ended;
}

/** Runs `run … --json` in a folder of its own and reads the result. */
export async function measureCli(words: readonly string[]): Promise<{ result: RunResult; exitCode: number | null }> {
  return inFolder(async (folder) => {
    const { exitCode, stdout, stderr } = await runCli(['run', ...words, '--json', '--out', path.join(folder, 'run')]);
    if (stdout === '') throw new Error(`expected a result, got exit code ${String(exitCode)} and:\n${stderr}`);
    return { result: JSON.parse(stdout) as RunResult, exitCode };
  });
}

/** Lends a temporary folder. */
export async function inFolder<Value>(work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
