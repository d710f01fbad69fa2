import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../servers/process-remains.fixture.js';
import { inFolder, startCli } from './cli.fixture.js';

it('up ends well when Ctrl-C comes while its masters start', async () => {
  await inFolder(async (folder) => {
    const server = path.join(folder, 'redis-server');
    const started = path.join(folder, 'started');
    // It tells its version, and is never ready.
    const script = `#!/bin/sh\n[ "$1" = --version ] && echo 'Redis server v=7.0.15 sha=0:0' && exit\n> ${started}\nexec sleep 30\n`;
    await writeFile(server, script, { mode: 0o755 });
    const up = startCli(['up', '--masters', '1', '--server', server]);
    await eventually(() => existsSync(started), 'the server is started');
    up.process.kill('SIGINT');
    const { exitCode, stderr } = await up.ended;
    expect(stderr).not.toContain('internal error');
    expect(exitCode).toBe(0);
  });
});
