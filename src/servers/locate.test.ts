import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../model/errors.js';
import { locateServer, SERVER_VARIABLE } from './locate.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'redlock-bench-locate-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Plants an executable; the PATH of these tests holds nothing but what they plant. */
function plant(name: string, script: string): string {
  const path = join(root, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const announce = (line: string): string => `echo '${line} sha=00000000:0 malloc=libc bits=64'`;

describe('without a wish', () => {
  test.each([
    ['redis-server', announce('Redis server v=7.0.15'), 'redis', '7.0.15'],
    ['valkey-server', announce('Valkey server v=8.0.1'), 'valkey', '8.0.1'],
    ['valkey-server', announce('Server v=7.2.5'), 'valkey', '7.2.5'],
    ['keydb-server', announce('KeyDB server v=6.3.4'), 'keydb', '6.3.4'],
  ])('%s that prints %s is %s %s', async (binary, script, name, version) => {
    const path = plant(binary, script);
    expect(await locateServer(undefined, { PATH: root })).toEqual({ path, argv0: binary, name, version });
  });

  test('redis-server wins over valkey-server, and that over keydb-server', async () => {
    plant('keydb-server', announce('KeyDB server v=6.3.4'));
    plant('valkey-server', announce('Valkey server v=8.0.1'));
    expect((await locateServer(undefined, { PATH: root }))?.name).toBe('valkey');
    plant('redis-server', announce('Redis server v=7.0.15'));
    expect((await locateServer(undefined, { PATH: root }))?.name).toBe('redis');
  });

  test('one that does not run is passed over for the next', async () => {
    plant('redis-server', 'echo "error while loading shared libraries" >&2; exit 127');
    plant('valkey-server', announce('Valkey server v=8.0.1'));
    expect((await locateServer(undefined, { PATH: root }))?.name).toBe('valkey');
  });

  test('a file that is not executable is no server', async () => {
    chmodSync(plant('redis-server', announce('Redis server v=7.0.15')), 0o644);
    expect(await locateServer(undefined, { PATH: root })).toBeUndefined();
  });

  test('an empty or missing PATH has none', async () => {
    expect(await locateServer(undefined, { PATH: '' })).toBeUndefined();
    expect(await locateServer(undefined, {})).toBeUndefined();
  });
});

describe('with a wish', () => {
  test('the explicit path wins over the variable, and the variable over PATH', async () => {
    const named = plant('named', announce('Redis server v=1.0.0'));
    const explicit = plant('explicit', announce('Redis server v=2.0.0'));
    plant('redis-server', announce('Redis server v=3.0.0'));
    const environment = { PATH: root, [SERVER_VARIABLE]: named };
    expect((await locateServer(explicit, environment))?.version).toBe('2.0.0');
    expect((await locateServer(undefined, environment))?.version).toBe('1.0.0');
    expect((await locateServer(undefined, { PATH: root, [SERVER_VARIABLE]: '' }))?.version).toBe('3.0.0');
  });

  test('a bare name is looked up on PATH', async () => {
    const path = plant('redis-7', announce('Redis server v=7.4.0'));
    expect(await locateServer('redis-7', { PATH: root })).toMatchObject({ path, version: '7.4.0' });
  });

  test.each([
    ['is not on PATH', () => 'no-such-server', 'got no-such-server, which is not on PATH'],
    ['does not exist', () => join(root, 'absent'), 'ENOENT'],
    ['is empty', () => '', 'did not run'],
    ['is no server', () => plant('cat', 'echo cat 9.1'), 'answered --version with "cat 9.1"'],
    ['prints nothing', () => plant('mute', 'exit 0'), 'printed nothing for --version'],
  ])('one that %s is refused with what was got and what to do, never replaced by another', async (_, wish, got) => {
    plant('redis-server', announce('Redis server v=7.0.15'));
    const refusal = locateServer(wish(), { PATH: root });
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.toThrow(got);
    await expect(refusal).rejects.toThrow(/^--server: expected .* give the path of one/);
  });

  test('the refusal names the variable when that is where the wish came from', async () => {
    const refusal = locateServer(undefined, { PATH: root, [SERVER_VARIABLE]: 'no-such-server' });
    await expect(refusal).rejects.toThrow(/^REDLOCK_BENCH_SERVER: expected /);
  });

  test('one that never answers is given up', async () => {
    const refusal = locateServer(plant('stuck', 'exec sleep 60'), { PATH: `${root}:/bin:/usr/bin` });
    await expect(refusal).rejects.toThrow('was ended by SIGKILL within 5s of --version');
  });
});
