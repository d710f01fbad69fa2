import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locateServer, type ServerBinary } from './locate.js';

test('a server that is installed only as its checker of dump files is found and runs as a server', async () => {
  const installed = await locateServer(undefined, process.env);
  expect(installed).toBeDefined();
  const { path, name, version } = installed as ServerBinary;
  const root = mkdtempSync(join(tmpdir(), 'redlock-bench-locate-'));
  try {
    // Server and checker are one binary, in every distribution: which it is, argv[0] decides.
    const checker = join(root, 'redis-check-rdb');
    symlinkSync(realpathSync(path), checker);
    expect(await locateServer(undefined, { PATH: root })).toEqual({
      path: checker,
      argv0: 'redis-server',
      name,
      version,
    });
    expect(await locateServer(checker, {})).toEqual({ path: checker, argv0: 'redis-server', name, version });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
