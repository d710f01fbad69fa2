/**
 * The package as a user gets it: packed, installed in an empty folder, and run by a Node of their own.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What a command left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a Node binary alone in it, to be put first on PATH. */
export interface NodeFolder {
  readonly bin: string;
  /** As `node --version` prints it. */
  readonly version: string;
}

/** Makes a temporary folder; the caller removes it. */
export function makeFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
}

/** Removes a temporary folder with all that is in it. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Runs a command in a folder as a user's shell would: none of what the npm of this test or a tester's own settings left in the environment. */
export function runIn(
  folder: string,
  [command = '', ...words]: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|node_|vitest|init_cwd|redlock_(?!bench_server$))/i.test(name),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), CI: 'true', npm_config_loglevel: 'error', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** As `runIn`, with this Node first on PATH, for npm and npx too. */
export function runOn(
  { bin }: NodeFolder,
  folder: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return runIn(folder, words, { PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, ...environment });
}

/** Packs this checkout as `npm publish` would, the build before it included. Gives the path of the tarball. */
export async function packInto(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { exitCode, stderr } = await runIn(ROOT, ['npm', 'pack', '--pack-destination', folder]);
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  if (exitCode !== 0 || tarball === undefined) throw new Error(`npm pack failed:\n${stderr}`);
  return path.join(folder, tarball);
}

/**
 * Puts the newest Node of a major version into a folder: this process's own, or what npm has for this platform.
 *
 * @throws Error when npm has none
 */
export async function installNode(major: number, folder: string): Promise<NodeFolder> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  let binary = process.execPath;
  if (!process.version.startsWith(`v${String(major)}.`)) {
    // What the package `node` would install by a script of its own, which a careful npm does not run.
    const name = `node-${process.platform}-${process.arch}`;
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    const { exitCode, stderr } = await runIn(folder, ['npm', 'install', ...flags, `${name}@${String(major)}`]);
    if (exitCode !== 0) throw new Error(`npm install ${name}@${String(major)} failed: ${stderr.trim()}`);
    binary = path.join(folder, 'node_modules', name, 'bin', 'node');
  }
  await symlink(binary, path.join(bin, 'node'));
  const { stdout } = await runIn(folder, [path.join(bin, 'node'), '--version']);
  return { bin, version: stdout.trim() };
}
