/**
 * What can be done to a server that this run spawned, and what shows that it was done.
 *
 * @module
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ServerFault } from '../model/fault.js';
import { formatFault, nameTarget } from '../model/fault-text.js';
import { formatThings } from '../model/figure-text.js';
import { formatDurationMs, formatNs, msToNs, nsToMs, usToNs, type Clock, type Ns } from '../model/time.js';
import { readProcessStat } from '../servers/process-stat.js';
import type { SpawnedServer } from '../servers/spawned-server.js';
import { evict } from './eviction.js';
import { inject, type Act, type FaultLabel, type FaultTiming, type Injection } from './injection.js';
import { askOnce } from './probe-connection.js';

/** How long a probe waits for an answer before it calls the server silent. */
const SILENCE_MS = 100;

/**
 * Does something to a spawned server and looks for the effect. `forMs` is needed by what ends by itself: a stall.
 * Never rejects: what could not be done is in the receipt.
 */
export function injectServerFault(
  server: SpawnedServer,
  fault: ServerFault,
  timing: FaultTiming,
  forMs?: number,
): Promise<Injection> {
  const label: FaultLabel = { text: formatFault(fault), kind: fault.kind, target: nameTarget(fault) };
  return inject(serverAct(server, fault, forMs, timing.clock), label, timing);
}

/** What a server fault does and looks at. */
export function serverAct(server: SpawnedServer, fault: ServerFault, forMs: number | undefined, clock: Clock): Act {
  switch (fault.kind) {
    case 'kill':
      return end(server, clock, () => server.kill().then(() => 'it was killed'));
    case 'shutdown':
      return end(server, clock, () => server.shutdown().then(() => 'it was asked to end, and ended'));
    case 'power-loss':
      return end(server, clock, async () => {
        const { lostBytes } = await server.losePower();
        return `it was killed, and ${String(lostBytes)} bytes of its log that were not surely on the disk were cut off`;
      });
    case 'pause':
      return pause(server, clock);
    case 'stall':
      return stall(server, forMs ?? 0, clock);
    case 'evict':
      return evict(server);
    case 'flush':
      return flush(server);
    case 'clock':
      return jumpClock(server, fault.byMs, clock);
  }
}

/** However the server ends, it is gone then, and comes back with what it had kept. */
function end(server: SpawnedServer, clock: Clock, strike: () => Promise<string>): Act {
  let how = '';
  return {
    inject: async () => {
      // What is dead already was not ended by this fault.
      if (!server.isRunning()) throw new Error('expected a server that runs, got one that was dead before');
      how = await strike();
    },
    seeEffect: async () => {
      if (server.isRunning()) return undefined;
      const answer = await askOnce(server.endpoint, SILENCE_MS, clock);
      return isRefusal(answer) ? { saw: `${how}: its process is gone, connections get ${answer}` } : undefined;
    },
    heal: async () => {
      if (!server.isRunning()) await server.restart();
    },
    seeHealed: async () => {
      const keys = Number(await server.call('DBSIZE'));
      return { saw: `it answered again as process ${String(server.pid)}, with ${formatThings(keys, 'key')}` };
    },
  };
}

function isRefusal(answer: string): boolean {
  return answer === 'ECONNREFUSED' || answer === 'ENOENT';
}

function pause(server: SpawnedServer, clock: Clock): Act {
  return {
    inject: () => server.pause(),
    seeEffect: async () => {
      const state = readProcessStat(server.pid)?.state;
      if (state === 'T') return { saw: `process ${String(server.pid)} is stopped` };
      // Where the system does not tell the state of a process, its silence does.
      if (state !== undefined || (await askOnce(server.endpoint, SILENCE_MS, clock)) !== 'silence') return undefined;
      return { saw: `it accepted a connection and answered nothing for ${formatDurationMs(SILENCE_MS)}` };
    },
    heal: () => server.resume(),
    seeHealed: () => seeAnswer(server, clock),
  };
}

/** Every client is kept waiting, ours included: nobody could end it early, so it ends by itself. */
function stall(server: SpawnedServer, forMs: number, clock: Clock): Act {
  let [beganNs, endedNs]: [Ns, Ns | undefined] = [0, undefined];
  return {
    inject: async () => {
      // A server that is slow to answer anyway would fake its silence.
      const askedNs = clock.nowNs();
      const control = await askOnce(server.endpoint, SILENCE_MS, clock);
      if (control !== 'answer') throw new Error(`expected an answer before the stall, got ${control}`);
      const controlMs = nsToMs(clock.nowNs() - askedNs);
      await server.call('CLIENT', 'PAUSE', String(Math.ceil(forMs)), 'ALL');
      beganNs = clock.nowNs();
      void waitForAnswer(server, clock).then(() => (endedNs = clock.nowNs()));
      await sleep(Math.max(Math.min(SILENCE_MS, forMs / 2), TIMES_SLOWER * controlMs));
      // If it was we who stood still, the answer is there by now and has not been read.
      await nextTurn();
      await nextTurn();
    },
    seeEffect: () => {
      const silentMs = nsToMs(clock.nowNs() - beganNs);
      const saw = `it had answered before, then it accepted a connection and answered nothing for ${formatDurationMs(Math.round(silentMs))}`;
      return Promise.resolve(endedNs === undefined ? { saw, atNs: beganNs } : undefined);
    },
    seeHealed: () => {
      if (endedNs === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ saw: `the first answer came after ${formatNs(endedNs - beganNs)}`, atNs: endedNs });
    },
  };
}

/** So much longer than its answer before took a silence must last. */
const TIMES_SLOWER = 3;

async function waitForAnswer(server: SpawnedServer, clock: Clock): Promise<void> {
  const giveUpMs = 60_000;
  while (server.isRunning() && (await askOnce(server.endpoint, giveUpMs, clock)) !== 'answer') await sleep(SILENCE_MS);
}

/** In one step, so that no client writes between the counting and the emptying. */
const FLUSH_SCRIPT = `
  local before = redis.call('DBSIZE')
  redis.call('FLUSHALL')
  return {before, redis.call('DBSIZE')}`;

function flush(server: SpawnedServer): Act {
  let counts: readonly number[] = [];
  return {
    inject: async () => {
      const reply = await server.call('EVAL', FLUSH_SCRIPT, '0');
      counts = Array.isArray(reply) ? reply.map(Number) : [];
    },
    seeEffect: () => {
      const [before = 0, after] = counts;
      const saw =
        before === 0 ? 'it was empty, and then it was emptied' : `it had ${formatThings(before, 'key')}, and then none`;
      return Promise.resolve(after === 0 ? { saw } : undefined);
    },
  };
}

/** What the server's clock and ours may drift apart, or an answer take, without anybody having set it. */
const MOST_CLOCK_SLACK_MS = 250;
/** The answer that came the fastest says best when it was given. */
const CLOCK_QUESTIONS = 3;

function jumpClock(server: SpawnedServer, byMs: number, clock: Clock): Act {
  let lead: Ns = 0;
  const shift = async (): Promise<Ns> => (await leadOf(server, clock)) - lead;
  // Half of the jump: whatever is closer to it than to none is a jump.
  const slackNs = msToNs(Math.min(MOST_CLOCK_SLACK_MS, Math.abs(byMs) / 2));
  return {
    obstacle: () => server.clockObstacle,
    inject: async () => {
      lead = await leadOf(server, clock);
      await server.setClock(byMs);
    },
    seeEffect: async () => {
      const shiftNs = await shift();
      const isShifted = Math.abs(shiftNs - msToNs(byMs)) < slackNs;
      return isShifted ? { saw: `its TIME jumped by ${formatNs(shiftNs)}` } : undefined;
    },
    heal: () => server.setClock(0),
    seeHealed: async () => {
      const shiftNs = await shift();
      return Math.abs(shiftNs) < slackNs ? { saw: 'its TIME was as before' } : undefined;
    },
  };
}

/** How far the server's wall clock is ahead of our monotonic one: meaningless, but constant while nobody sets it. */
async function leadOf(server: SpawnedServer, clock: Clock): Promise<Ns> {
  let best = { tookNs: Infinity, leadNs: NaN };
  for (let question = 0; question < CLOCK_QUESTIONS; question++) {
    const askedNs = clock.nowNs();
    const reply = await server.call('TIME');
    const tookNs = clock.nowNs() - askedNs;
    if (tookNs >= best.tookNs) continue;
    const [seconds = NaN, microseconds = NaN] = Array.isArray(reply) ? reply.map(Number) : [];
    best = { tookNs, leadNs: usToNs(seconds * US_PER_S + microseconds) - (askedNs + tookNs / 2) };
  }
  return best.leadNs;
}

const US_PER_S = 1_000_000;

async function seeAnswer(server: SpawnedServer, clock: Clock): Promise<{ saw: string } | undefined> {
  return (await askOnce(server.endpoint, SILENCE_MS, clock)) === 'answer' ? { saw: 'it answered again' } : undefined;
}
