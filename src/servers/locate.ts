/**
 * Finds a Redis, Valkey or KeyDB server binary on this machine. Set-up and runs share this one answer.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { UsageError } from '../model/errors.js';
import { formatDurationMs } from '../model/time.js';

export type ServerName = 'redis' | 'valkey' | 'keydb';

/** A server binary that ran, and how to spawn it. */
export interface ServerBinary {
  readonly path: string;
  /** What to spawn it as: one binary can be a server or a checker of dump files, and this name decides which. */
  readonly argv0: string;
  readonly name: ServerName;
  readonly version: string;
}

/** Names a binary without a path or an option; a path given by `--server` wins over it. */
export const SERVER_VARIABLE = 'REDLOCK_BENCH_SERVER';

/** In the order of preference. Debian's redis-tools and valkey-tools ship the server only under its checker's name. */
const CANDIDATES = ['redis-server', 'valkey-server', 'keydb-server', 'redis-check-rdb', 'valkey-check-rdb'];

const VERSION_TIMEOUT_MS = 5_000;
/** Enough for the line looked for, and for a message about something else. */
const MAX_OUTPUT_CHARS = 4_096;

/**
 * Finds the server to spawn: `explicitPath`, else the one that REDLOCK_BENCH_SERVER names, else the first on PATH that
 * runs. Either name may be a path, or a bare name to be looked up on PATH.
 *
 * @returns undefined when nothing was asked for and PATH has none
 * @throws UsageError when the one that was asked for does not run
 */
export async function locateServer(
  explicitPath: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<ServerBinary | undefined> {
  const fromVariable = environment[SERVER_VARIABLE];
  if (explicitPath !== undefined) return await requireServer('--server', explicitPath, environment);
  if (fromVariable !== undefined && fromVariable !== '') {
    return await requireServer(SERVER_VARIABLE, fromVariable, environment);
  }
  for (const candidate of CANDIDATES) {
    const path = findOnPath(candidate, environment);
    const answer = path === undefined ? undefined : await askVersion(path);
    if (answer !== undefined && 'path' in answer) return answer;
  }
  return undefined;
}

interface Refusal {
  readonly failure: string;
}

async function requireServer(source: string, given: string, environment: NodeJS.ProcessEnv): Promise<ServerBinary> {
  const refuse = (got: string): UsageError =>
    new UsageError([
      `${source}: expected a redis-server, valkey-server or keydb-server that runs, got ${got}; ` +
        `give the path of one, or leave ${source} out to use the first on PATH`,
    ]);
  const isBareName = given !== '' && basename(given) === given;
  const path = isBareName ? findOnPath(given, environment) : resolve(given);
  if (path === undefined) throw refuse(`${given}, which is not on PATH`);
  const answer = await askVersion(path);
  if ('path' in answer) return answer;
  throw refuse(`${given}, which ${answer.failure}`);
}

/** The first executable of this name on PATH. */
export function findOnPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => resolve(join(folder, name))).find(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function askVersion(path: string): Promise<ServerBinary | Refusal> {
  const argv0 = basename(path).replace(/-check-(rdb|aof)$/, '-server');
  return new Promise((settle) => {
    // SIGKILL, because a binary that ignores --version may well ignore SIGTERM too.
    const child = spawn(path, ['--version'], {
      argv0,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: VERSION_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => (output = (output + text).slice(0, MAX_OUTPUT_CHARS)));
    child.once('error', (error) => {
      settle({ failure: `did not run: ${error.message}` });
    });
    child.once('exit', (_code, signal) => {
      // A wrapper script dies alone: what it started keeps the pipe open, and `close` would wait for that.
      if (signal === 'SIGKILL') child.stdout.destroy();
    });
    child.once('close', (_code, signal) => {
      settle(readVersion(path, argv0, output) ?? { failure: describeAnswer(output, signal) });
    });
  });
}

function readVersion(path: string, argv0: string, output: string): ServerBinary | undefined {
  const match = /^(\w+ )?server v=(\S+)/im.exec(output);
  if (match?.[2] === undefined) return undefined;
  return { path, argv0, name: serverName(match[1] ?? '', argv0), version: match[2] };
}

function describeAnswer(output: string, signal: NodeJS.Signals | null): string {
  const [line = ''] = output.trim().split('\n', 1);
  if (signal !== null) return `was ended by ${signal} within ${formatDurationMs(VERSION_TIMEOUT_MS)} of --version`;
  return line === '' ? 'printed nothing for --version' : `answered --version with "${line.slice(0, 80)}"`;
}

/** Valkey 7.2 says only "Server v=…": then the name of the binary decides. */
function serverName(announced: string, argv0: string): ServerName {
  const text = `${announced} ${argv0}`.toLowerCase();
  if (text.includes('keydb')) return 'keydb';
  return text.includes('valkey') ? 'valkey' : 'redis';
}
