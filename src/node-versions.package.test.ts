import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  installNode,
  makeFolder,
  packInto,
  removeFolder,
  runOn,
  type Ended,
  type NodeFolder,
} from './package.fixture.js';

const BRIEF = ['--masters', '1', '--duration', '1s', '--warmup', '0s', '--quiet'];
const FLAGS = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'warn'];
/** What npm says of a package that nobody should depend on, or that was made for another Node. */
const COMPLAINT = /deprecated|EBADENGINE|vulnerabilit/;

let root = '';
let tarball = '';

beforeAll(async () => {
  root = await makeFolder();
  tarball = await packInto(path.join(root, 'packed'));
});

afterAll(() => removeFolder(root));

describe.each([20, 22, 24, 26])('on Node %i, installed in an empty folder', (major) => {
  let node: NodeFolder;
  let folder = '';
  /** Why this Node cannot be had here. */
  let lack = '';
  let installed: Ended;

  /** Runs the installed command. */
  const redlockBench = (...words: readonly string[]): Promise<Ended> =>
    runOn(node, folder, ['node_modules/.bin/redlock-bench', ...words]);

  beforeAll(async () => {
    try {
      node = await installNode(major, path.join(root, `node-${String(major)}`));
    } catch (error) {
      // What a machine of CI can have, it must not go without.
      if (process.env['CI'] === 'true') throw error;
      lack = error instanceof Error ? error.message : String(error);
      return;
    }
    folder = await makeFolder();
    installed = await runOn(node, folder, ['npm', 'install', '--engine-strict', '--ignore-scripts', ...FLAGS, tarball]);
  });

  beforeEach((context) => {
    if (lack !== '') context.skip(lack);
  });

  afterAll(() => removeFolder(folder));

  it('installs where engines are strict and scripts are blocked, and npm complains of nothing', () => {
    expect(node.version).toMatch(new RegExp(`^v${String(major)}\\.`));
    expect({ ...installed, complaint: COMPLAINT.exec(installed.stdout + installed.stderr) }).toMatchObject({
      exitCode: 0,
      complaint: null,
    });
  });

  it('npx runs it, with its version and its help, and nothing on standard error', async () => {
    const { version } = await readJson<{ version: string }>(folder, 'node_modules/redlock-bench/package.json');
    const npx = await runOn(node, folder, ['npx', '--no-install', 'redlock-bench', '--version']);
    expect(npx).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    const help = await redlockBench('run', '--help');
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toContain('--masters');
  });

  it('doctor finds this Node and a server, and locks lists the locks', async () => {
    const doctor = await redlockBench('doctor');
    expect(doctor).toMatchObject({ exitCode: 0, stderr: '' });
    expect(doctor.stdout).toContain(`ok    node    ${node.version}\n`);
    const locks = await redlockBench('locks', '--json');
    expect(locks).toMatchObject({ exitCode: 0, stderr: '' });
    expect((JSON.parse(locks.stdout) as readonly { name: string }[]).map(({ name }) => name)).toContain('redlock');
  });

  it('npx redlock-bench run measures, and its result satisfies the schema that came with the package', async () => {
    const run = await runOn(node, folder, ['npx', '--no-install', 'redlock-bench', 'run', ...BRIEF, '--out', 'run']);
    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
    const schema = await readJson<AnySchemaObject>(folder, 'node_modules/redlock-bench/results/result.schema.json');
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
    const isValid = validate(await readJson(folder, 'run/result.json'));
    expect({ isValid, errors: validate.errors }).toEqual({ isValid: true, errors: null });
    expect(await readFile(path.join(folder, 'run/report.html'), 'utf8')).toContain('<svg');
  });

  it('report reads the stored run again, and compare writes a page of two', async () => {
    const report = await redlockBench('report', 'run', '--out', 'again.html');
    expect(report).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await readFile(path.join(folder, 'again.html'), 'utf8')).toContain('<svg');
    const brief = ['--rounds', '1', '--duration', '200ms', '--warmup', '0s', '--quiet', '--out', 'compared'];
    const compare = await redlockBench('compare', '--masters', '1', '--lock', 'redlock,set-nx-px', ...brief);
    expect({ exitCode: compare.exitCode, stderr: compare.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await readFile(path.join(folder, 'compared/report.html'), 'utf8')).toContain('<svg');
  });

  it('a lock begun from the template runs', async () => {
    const { stdout, stderr } = await redlockBench('locks', '--template');
    expect(stderr).toBe('');
    await writeFile(path.join(folder, 'my-lock.mjs'), stdout);
    const run = await redlockBench('run', '--lock', './my-lock.mjs', ...BRIEF, '--out', 'mine');
    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('a lock in TypeScript runs where Node reads it, and is refused in words where it does not', async () => {
    const template = await redlockBench('locks', '--template');
    await writeFile(path.join(folder, 'typed.ts'), template.stdout.replace('NS_PER_MS =', 'NS_PER_MS: number ='));
    const run = await redlockBench('run', '--lock', './typed.ts', ...BRIEF, '--out', 'typed');
    const isRead = major >= 22;
    expect({ exitCode: run.exitCode, stderr: isRead ? '' : run.stderr }).toEqual({
      exitCode: isRead ? 0 : 2,
      stderr: isRead ? '' : (expect.stringContaining('22.18') as string),
    });
  });

  it.each([
    ['import', 'library.mjs', "import { Redlock } from 'redlock-bench';"],
    ['require', 'library.cjs', "const { Redlock } = require('redlock-bench');"],
  ])('%s gives the library', async (_way, file, line) => {
    await writeFile(path.join(folder, file), `${line}\nconsole.log(typeof new Redlock(['unix:///x']).tryAcquire);\n`);
    expect(await runOn(node, folder, ['node', file])).toEqual({ exitCode: 0, stdout: 'function\n', stderr: '' });
  });

  it('without a server, a run says in one line how to get one', async () => {
    const run = await runOn(node, folder, [path.join(node.bin, 'node'), MAIN, 'run', ...BRIEF], { PATH: node.bin });
    expect(run).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'redlock-bench: redis-server: expected one on PATH, got none; install Redis ' +
        '(https://redis.io/docs/latest/operate/oss_and_stack/install), or name one with --server, or running ones with --endpoint\n',
    });
  });
});

const MAIN = 'node_modules/redlock-bench/dist/src/cli/main.js';

async function readJson<Value>(folder: string, file: string): Promise<Value> {
  return JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Value;
}
