import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder } from './cli.fixture.js';

const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const INTERRUPT = '\x03';
/** `script` of util-linux lends a terminal; others of that name take other words. */
const version = spawnSync('script', ['--version'], { encoding: 'utf8' });
const hasScript = version.error === undefined && version.stdout.includes('util-linux');

interface Session {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs a command on a terminal, and types Ctrl-C so many times once the terminal shows that it measures. */
async function onTerminal(words: readonly string[], interrupts: number, pauseMs: number): Promise<Session> {
  const line = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ');
  const environment = { ...process.env, CI: '', NO_COLOR: '', FORCE_COLOR: '', TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  let typed = 0;
  const type = (): void => {
    if (typed >= interrupts) return;
    typed++;
    child.stdin.write(INTERRUPT);
    setTimeout(type, pauseMs);
  };
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (typed === 0 && output.includes('measuring')) type();
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, output };
}

describe.skipIf(!hasScript)('the live view, on a terminal', () => {
  const words = ['run', '--masters', '1', '--rate', '50', '--warmup', '200ms', '--duration', '20s'];

  it('leaves a visible cursor and the summary after Ctrl-C', async () => {
    await inFolder(async (folder) => {
      const { exitCode, output } = await onTerminal([...words, '--out', path.join(folder, 'run')], 1, 0);
      expect(exitCode).toBe(130);
      expect(output).toContain('interrupted: draining and writing');
      expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?25l'));
      // Nothing moves the cursor any more once it is visible again: what follows is the summary.
      const rest = output.slice(output.lastIndexOf('\x1b[?25h') + '\x1b[?25h'.length);
      // eslint-disable-next-line no-control-regex -- colours are the escapes that may follow
      expect(rest.replaceAll(/\x1b\[[\d;]*m/g, '')).toMatch(/^health [^\x1b]*\bfiles\b[^\x1b]*$/);
    });
  });

  it('leaves a visible cursor when a second Ctrl-C ends it at once', async () => {
    await inFolder(async (folder) => {
      const { exitCode, output } = await onTerminal([...words, '--out', path.join(folder, 'run')], 2, 600);
      expect(exitCode).toBe(130);
      expect(output).toContain('ended at once; nothing more is written');
      expect(output).not.toMatch(/^health /m);
      expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?25l'));
    });
  });
});
