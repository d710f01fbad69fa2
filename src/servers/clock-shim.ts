/**
 * Moves the wall clock of one server: a library that is loaded before its own, and adds an offset to the time of day.
 *
 * The kernel moves the clock of one process for nobody, and time namespaces move only clocks that servers do not use for
 * ttls. libfaketime would be the ready-made answer, but it allocates memory when it is first asked for the time, which
 * ends a Redis that was built with jemalloc.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '../model/errors.js';
import { formatDurationMs } from '../model/time.js';

/** The shim, or why this machine has none. */
export type ClockShim =
  { readonly status: 'built'; readonly path: string } | { readonly status: 'unavailable'; readonly reason: string };

/**
 * The offset is in a file that is mapped, so that it can be changed while the server runs, and no call is made that could
 * allocate, take a lock or look up a symbol: the first question may come from within malloc. The kernel is asked directly,
 * which takes longer than the C library's way. Monotonic time is passed on as it is: event loops wait by it.
 */
const SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(long) == 8, "a 32-bit machine has another layout of time");
static volatile const int64_t *offset_us; /* NULL until the file is mapped: no offset */

__attribute__((constructor)) static void map_offset(void) {
  const char *path = getenv("REDLOCK_BENCH_CLOCK_OFFSET");
  int file = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  void *page = ftruncate(file, sizeof *offset_us) != 0 ? MAP_FAILED
             : mmap(NULL, sizeof *offset_us, PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) offset_us = page;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  long result = syscall(SYS_clock_gettime, clock, now);
  if (result != 0 || offset_us == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return (int)result;
  int64_t us = (int64_t)now->tv_sec * 1000000 + now->tv_nsec / 1000 + *offset_us;
  now->tv_sec = us / 1000000;
  now->tv_nsec = us % 1000000 * 1000 + now->tv_nsec % 1000;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (out != NULL) *out = precise.tv_sec;
  return precise.tv_sec;
}
`;

const LIBRARY_NAME = 'clock-shim.so';
const OFFSET_NAME = 'clock-offset';
const OFFSET_BYTES = 8;
const US_PER_MS = 1_000;
const COMPILE_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_CHARS = 2_000;

/** Builds the shim in a folder, with the C compiler that `CC` names, or `cc`. Never throws for the lack of one. */
export async function buildClockShim(environment: NodeJS.ProcessEnv, folder: string): Promise<ClockShim> {
  if (process.platform !== 'linux') {
    return {
      status: 'unavailable',
      reason: `expected Linux, whose loader takes a library first, got ${process.platform}`,
    };
  }
  const source = join(folder, 'clock-shim.c');
  const path = join(folder, LIBRARY_NAME);
  try {
    await writeFile(source, SOURCE);
  } catch (thrown) {
    return { status: 'unavailable', reason: toError(thrown).message };
  }
  const problem = await compile(environment, ['-shared', '-fPIC', '-O2', '-o', path, source], folder);
  return problem === undefined ? { status: 'built', path } : { status: 'unavailable', reason: problem };
}

/** The variables of a server whose clock can be moved; the offset is found in its own folder, from where it is started. */
export function clockShimVariables(shimPath: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  // What is loaded before every program already has its reasons.
  const others = environment['LD_PRELOAD'] ?? '';
  return {
    LD_PRELOAD: others === '' ? shimPath : `${others}:${shimPath}`,
    REDLOCK_BENCH_CLOCK_OFFSET: OFFSET_NAME,
  };
}

/** Why the clock of a server that answers cannot be moved although there is a shim: the loader only warns when it leaves a library out. */
export function findShimObstacle(serverFolder: string): string | undefined {
  if (statSync(join(serverFolder, OFFSET_NAME), { throwIfNoEntry: false })?.size === OFFSET_BYTES) return undefined;
  return 'expected the server to load the clock shim, got a server without; may programs run from the folder of temporary files?';
}

/** Moves the clock of the server of this folder to so much beside the true time; 0 puts it right. */
export async function writeClockOffset(serverFolder: string, byMs: number): Promise<void> {
  const bytes = Buffer.alloc(OFFSET_BYTES);
  bytes.writeBigInt64LE(BigInt(Math.round(byMs * US_PER_MS)));
  // Not truncated: the server has these bytes mapped, and one write moves them at once.
  const file = await open(join(serverFolder, OFFSET_NAME), 'r+');
  try {
    await file.write(bytes, 0, OFFSET_BYTES, 0);
  } finally {
    await file.close();
  }
}

/** @returns what went wrong, if anything did */
function compile(environment: NodeJS.ProcessEnv, args: readonly string[], folder: string): Promise<string | undefined> {
  const named = environment['CC'];
  const compiler = named === undefined || named === '' ? 'cc' : named;
  return new Promise((resolve) => {
    const child = spawn(compiler, args, {
      // Its own temporary files, too, are in the folder, and go with it.
      env: { ...environment, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: COMPILE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (output = (output + text).slice(0, MAX_OUTPUT_CHARS)));
    child.once('error', (error) => {
      resolve(`expected a C compiler, got ${error.message}; install one, or name it in CC`);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null)
        resolve(`${compiler}: ended by ${signal} within ${formatDurationMs(COMPILE_TIMEOUT_MS)}`);
      else resolve(`${compiler}: exit code ${String(code)}: ${output.trim().split('\n', 1)[0] ?? ''}`);
    });
  });
}
