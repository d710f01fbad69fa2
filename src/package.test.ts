import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const run = promisify(execFile);

it('pitfall 27: what is published has the client: every file that the package names, and Redlock behind its door', async () => {
  const manifest = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  const named = [...Object.values(manifest.bin), ...Object.values(manifest.exports).flatMap(targetsOf)];
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
  const [tarball] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }];
  const packed = tarball.files.map(({ path }) => path);
  // A star stands for any file of a folder.
  const isPacked = (file: string): boolean =>
    packed.some((path) => (file.endsWith('/*') ? path.startsWith(file.slice(0, -1)) : path === file));
  for (const file of named) expect([file, isPacked(file.replace(/^\.\//, ''))]).toEqual([file, true]);
  expect(packed).toContain('dist/src/redlock/redlock.js');
  expect(packed.filter((path) => /\.(test|fixture|oracle|conformance)\./.test(path))).toEqual([]);

  // By the package's own name, as its users import it.
  const script = "import { Redlock } from 'redlock-bench'; console.log(typeof new Redlock(['unix:///x']).tryAcquire)";
  expect((await run(process.execPath, ['--input-type=module', '-e', script], { cwd: root })).stdout).toBe('function\n');
});

function targetsOf(entry: string | Readonly<Record<string, string>>): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry);
}
