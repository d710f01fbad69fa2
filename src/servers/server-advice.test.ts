import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { adviseServer } from './server-advice.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-advice-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('names the command of the package manager that is on PATH', async () => {
  await writeFile(path.join(folder, 'apk'), '', { mode: 0o755 });
  expect(adviseServer({ PATH: folder })).toBe('run: sudo apk add redis');
});

it('names the page of Redis where no package manager is known', () => {
  expect(adviseServer({ PATH: folder })).toBe(
    'install Redis (https://redis.io/docs/latest/operate/oss_and_stack/install)',
  );
});
