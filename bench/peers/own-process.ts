/**
 * Child processes of the benchmark: started from the build, ended by closing their channel.
 *
 * @module
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const END_TIMEOUT_MS = 2_000;

/** Starts an entry with one argument, which it gets as JSON. */
export function startProcess(entry: 'client-process' | 'line-process', argument: object): ChildProcess {
  // A child process cannot load TypeScript on Node 20, so sources under test use the build.
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/bench/peers/' : './';
  return fork(fileURLToPath(new URL(`${folder}${entry}.js`, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: [],
    // Hooks and debugger ports are meant for the parent.
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** Asks a process to end, and ends it when it does not: it is our own child and not reaped, so its pid is its own. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
