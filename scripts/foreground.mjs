/**
 * Runs a Node program in the foreground, as if the shell had started it.
 *
 * @module
 */
import childProcess from 'node:child_process';
import os from 'node:os';
import process from 'node:process';

/** One Ctrl-C arrives several times: from the terminal, and once more from an npm that passes on what it got. */
const ECHO_MS = 500;

/** Resolves to the exit code of the program; signals reach it first, and this process only ends after it. */
export function runForeground(args, environment = process.env) {
  return new Promise((settle, fail) => {
    const child = childProcess.spawn(process.execPath, args, { env: environment, stdio: 'inherit' });
    const lastPassedMs = {};
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (Date.now() - (lastPassedMs[signal] || 0) < ECHO_MS) return;
        lastPassedMs[signal] = Date.now();
        child.kill(signal);
      });
    }
    child.once('error', fail);
    child.once('exit', (exitCode, signal) => {
      settle(signal === null ? exitCode : 128 + os.constants.signals[signal]);
    });
  });
}
