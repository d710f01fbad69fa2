/**
 * Emulated masters of a known speed against the theory of queues: Poisson arrivals, one server, a constant service time.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { completeScenario } from '../model/scenario.js';
import { msToNs, nsToMs, nsToS, sToNs, systemClock, type Ns } from '../model/time.js';
import { otherCpuSeconds, readMachineCpu } from './machine-cpu.js';
import { ReleaseQueue } from './release-queue.js';
import { openTopology, type Topology } from './topology.js';

const SERVICE_RATE = 1_000;
const SERVICE_NS = sToNs(1) / SERVICE_RATE;
const CONNECTIONS = 4;
const PING = '*1\r\n$4\r\nPING\r\n';
const PONG_BYTES = '+PONG\r\n'.length;
/** From what it is asked to the first arrival. */
const LEAD_NS = msToNs(50);
/** A machine on which others use more than this share of a core proves nothing; so many times it is asked again. */
const MOST_OTHERS = 0.25;
const TRIES = 3;

interface Measured {
  /** When each request was really sent. */
  readonly sentNs: readonly Ns[];
  readonly responsesNs: readonly Ns[];
}

/** Sends each request at its instant; response times count from when it was really sent. */
async function measure(topology: Topology, offsetsNs: readonly Ns[]): Promise<Measured> {
  const [endpoint] = topology.endpointsOf(0);
  if (endpoint?.socket.kind !== 'tcp') throw new Error('expected a proxy on TCP');
  const { host, port } = endpoint.socket;
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect({ host, port, noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  const sentNs: Ns[] = [];
  const responsesNs: Ns[] = [];
  const unanswered = new Map(sockets.map((socket): [Socket, Ns[]] => [socket, []]));
  const done = new Promise<void>((resolve) => {
    for (const socket of sockets) {
      hear(socket, unanswered, (responseNs) => {
        if (responsesNs.push(responseNs) === offsetsNs.length) resolve();
      });
    }
  });
  const queue = new ReleaseQueue(systemClock);
  const startNs = systemClock.nowNs() + LEAD_NS;
  offsetsNs.forEach((offsetNs, index) => {
    const socket = sockets[index % CONNECTIONS];
    queue.add(startNs + offsetNs, () => {
      const nowNs = systemClock.nowNs();
      sentNs.push(nowNs);
      if (socket === undefined) return;
      unanswered.get(socket)?.push(nowNs);
      socket.write(PING);
    });
  });
  await done;
  for (const socket of sockets) socket.destroy();
  return { sentNs, responsesNs };
}

/** Replies of a connection come in the order of its requests. */
function hear(socket: Socket, unanswered: ReadonlyMap<Socket, Ns[]>, onResponse: (responseNs: Ns) => void): void {
  let bytes = 0;
  socket.on('data', (chunk) => {
    const nowNs = systemClock.nowNs();
    for (bytes += chunk.length; bytes >= PONG_BYTES; bytes -= PONG_BYTES) {
      onResponse(nowNs - (unanswered.get(socket)?.shift() ?? NaN));
    }
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The waits of a single server with a constant service time, by Lindley's recursion. */
function lindleyWaits(offsetsNs: readonly Ns[]): number[] {
  let idleNs = 0;
  return offsetsNs.map((offsetNs) => {
    const beganNs = Math.max(idleNs, offsetNs);
    idleNs = beganNs + SERVICE_NS;
    return beganNs - offsetNs;
  });
}

function poissonOffsets(ratePerSecond: number, seconds: number, seed: number): Ns[] {
  const random = seededRandom(seed);
  const offsetsNs: Ns[] = [];
  for (let atNs = 0; atNs < sToNs(seconds);) {
    atNs += (-Math.log(1 - random.next()) * sToNs(1)) / ratePerSecond;
    offsetsNs.push(atNs);
  }
  return offsetsNs;
}

/** What was measured while others left the machine alone, or at last. */
async function measureAlone(topology: Topology, offsetsNs: readonly Ns[]): Promise<Measured> {
  for (let tries = 1; ; tries++) {
    const [before, beganNs] = [readMachineCpu(), systemClock.nowNs()];
    const measured = await measure(topology, offsetsNs);
    const others = (otherCpuSeconds(before, readMachineCpu()) ?? 0) / nsToS(systemClock.nowNs() - beganNs);
    if (others < MOST_OTHERS || tries === TRIES) return measured;
  }
}

describe('a master that serves 1,000 requests a second, one after another', () => {
  // What sockets, proxy and server take beside waiting and service is measured alone, with a request every 10 ms.
  const sparse = Array.from({ length: 300 }, (_, index) => msToNs(10 * index));

  it.each([
    [0.5, 1],
    [0.8, 6],
  ])('lets Poisson arrivals wait as M/D/1 says at a utilisation of %d', { timeout: 300_000 }, async (share, seed) => {
    const scenario = completeScenario({ masters: 1, serviceRatePerSecond: SERVICE_RATE }, 1);
    await using topology = await openTopology(scenario, process.env, new AbortController().signal);
    const offsetsNs = poissonOffsets(share * SERVICE_RATE, 20, seed);
    const theoryMs = nsToMs((share * SERVICE_NS) / (2 * (1 - share)));
    // What chance left of the theory in these very arrivals: below 3 %.
    const scheduledMs = nsToMs(mean(lindleyWaits(offsetsNs)));
    expect(Math.abs(scheduledMs - theoryMs) / theoryMs).toBeLessThan(0.03);

    const overheadNs = mean((await measureAlone(topology, sparse)).responsesNs) - SERVICE_NS;
    expect(overheadNs).toBeGreaterThan(0);
    expect(nsToMs(overheadNs)).toBeLessThan(1);

    const { sentNs, responsesNs } = await measureAlone(topology, offsetsNs);
    const waitedMs = nsToMs(mean(responsesNs) - SERVICE_NS - overheadNs);
    const expectedMs = nsToMs(mean(lindleyWaits(sentNs)));
    // Within a tenth, and a tenth of a millisecond, which a busy turn of an event loop takes here and there.
    expect(Math.abs(waitedMs - expectedMs)).toBeLessThan(0.1 + 0.1 * expectedMs);
    expect(Math.abs(waitedMs - theoryMs)).toBeLessThan(0.1 + 0.15 * theoryMs);
  });
});
