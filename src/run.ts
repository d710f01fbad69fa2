/**
 * The composition root: scenario → masters and workers → result.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { checkHistory } from './check/history-check.js';
import { IntervalChecker } from './check/intervals.js';
import { actOf } from './faults/acts.js';
import { Nemesis } from './faults/nemesis.js';
import { keyName, measuredWindow, splitSlots, type Shard } from './load/shard.js';
import { allocateWitness, closeCells, type WitnessMemory } from './load/witness.js';
import { keyCount, slotCount } from './load/workload.js';
import { isDriverLock } from './locks/driver-lock.js';
import type { LockAdapter } from './locks/lock-client.js';
import type { FaultReceipt } from './model/fault.js';
import { formatThings } from './model/figure-text.js';
import { segmentName } from './model/history.js';
import { nameHolder } from './model/holder.js';
import { describeHost } from './model/host.js';
import type { IntervalReport, MasterVitals, WatchedReport } from './model/interval.js';
import { measuredLock } from './model/measured-lock.js';
import { SCHEMA_VERSION, type Manifest, type RunResult } from './model/result.js';
import { masterCount, type Scenario } from './model/scenario.js';
import { msToNs, nsToMs, systemClock, wallClockMs, type Ns } from './model/time.js';
import { assembleResult, refuseUnknownMetrics } from './result-assembly.js';
import { RunEvidence } from './run-evidence.js';
import { checkScenario } from './scenario-check.js';
import { addKeyCounts, type KeyCount } from './servers/master-questions.js';
import { ServerWatch } from './servers/server-watch.js';
import { openTopology, type Topology } from './servers/topology.js';
import { createDriverRunner } from './workers/driver-runner.js';
import { Fleet } from './workers/fleet.js';
import { PlannedDeaths } from './workers/planned-deaths.js';
import type { ShardRunner } from './workers/protocol.js';
import { createThreadRunner } from './workers/thread-runner.js';

/** Hears of a run while it goes on. */
export interface RunListener {
  /** What the run is about to do, for people: `starting 3 masters`. */
  phase(description: string): void;
  /** Masters and workers are ready; the first operation waits until this resolves, so a manifest is on disk before it. */
  started(manifest: Manifest): Promise<void>;
  /** The load begins; the measured window begins after the warm-up. */
  loaded(barrierNs: Ns): void;
  /** A second of the measured window is over. */
  interval(report: IntervalReport, watched: WatchedReport): void;
  /** A fault was injected, and then healed: its receipt comes after each of the two. */
  fault(receipt: FaultReceipt): void;
  /** A master, counted from 0, was asked how it is: once a second while the load goes on. */
  vitals(master: number, vitals: MasterVitals): void;
}

export interface RunOptions {
  readonly listener: RunListener;
  /** Where credentials and the server's path are looked up. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the run early; what was measured so far becomes an interrupted result. */
  readonly signal: AbortSignal;
  /** Where the workers write their history; it must be there before the load begins. Without it none is recorded. */
  readonly historyFolder?: string | undefined;
}

/** From the last worker's readiness to the barrier: longer than a message takes to reach every thread. */
const BARRIER_LEAD_MS = 100;
/** Commands that were still on their way when the last worker ended may take this long to land. */
const LEAK_AUDIT_TRIES = 5;
const LEAK_AUDIT_PAUSE_MS = 100;

/**
 * Runs a scenario and measures it.
 *
 * @throws UsageError for an impossible scenario, GuardError when a master must not be loaded, EnvironmentError when
 * there is no server to be had or a worker cannot connect; never for what a lock does
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const { adapter, thresholds } = await checkScenario(scenario);
  const { listener, environment, signal } = options;
  const host = describeHost();
  const runId = randomBytes(6).toString('hex');
  const startedAtMs = wallClockMs();

  listener.phase(
    scenario.endpoints.length > 0
      ? `connecting to ${formatThings(masterCount(scenario), 'master')}`
      : `starting ${formatThings(scenario.masters, 'master')}`,
  );
  await using topology = await openTopology(scenario, environment, signal);
  const manifest: Manifest = {
    schemaVersion: SCHEMA_VERSION,
    runId,
    startedAt: new Date(startedAtMs).toISOString(),
    scenario: redactScenario(scenario, topology),
    lock: measuredLock(adapter),
    environment: host,
    masters: topology.masters.map((master) => master.identity),
  };
  const evidence = new RunEvidence(manifest, listener.interval.bind(listener));
  refuseUnknownMetrics(evidence, thresholds);

  listener.phase(`starting ${formatThings(scenario.workers, 'worker')}`);
  await using runner = createRunner(adapter, scenario, environment);
  await load({ manifest, adapter, scenario, topology, runner, evidence, ...options });
  if (options.historyFolder !== undefined) {
    listener.phase('checking the history');
    evidence.absorbHistory(await checkHistory(options.historyFolder, scenario.workers));
  }
  return assembleResult(evidence, thresholds);
}

/** Threads, or processes for a lock in another language, whose holds are compared when they have told of them. */
function createRunner(adapter: LockAdapter, scenario: Scenario, environment: NodeJS.ProcessEnv): ShardRunner {
  if (!isDriverLock(adapter)) return createThreadRunner(scenario.workers);
  const [sources, keys] = [scenario.workers, keyCount(scenario)];
  const checker = new IntervalChecker({ sources, keys, describeHolder: nameHolder });
  return createDriverRunner(adapter, checker, environment);
}

interface LoadParts extends RunOptions {
  readonly manifest: Manifest;
  readonly adapter: LockAdapter;
  readonly scenario: Scenario;
  readonly topology: Topology;
  readonly runner: ShardRunner;
  readonly evidence: RunEvidence;
}

/** From idle workers to the last answer, gathering evidence on the way. */
async function load(parts: LoadParts): Promise<void> {
  const { manifest, adapter, scenario, topology, runner, evidence, listener, signal, historyFolder } = parts;
  const witness = allocateWitness(keyCount(scenario), slotCount(scenario));
  const shards = splitSlots(scenario).map((split, worker): Shard => ({
    worker,
    runId: manifest.runId,
    scenario,
    masters: topology.endpointsOf(worker),
    witness,
    historyFile: historyFolder === undefined ? undefined : path.join(historyFolder, segmentName(worker)),
    ...split,
  }));
  const fleet = new Fleet(
    runner,
    shards,
    {
      recorded: ({ worker }, record) => {
        evidence.absorb(worker, record);
      },
      ended: (shard, error) => {
        if (error !== undefined) buryWorker(shard, error, witness, evidence);
        evidence.endWorker(shard.worker);
      },
      killed: ({ worker, firstSlot, slots }) => {
        // Its locks stay as they are, which is the point.
        evidence.workerKilled(worker, closeCells(witness, firstSlot, slots));
        evidence.endWorker(worker);
      },
    },
    signal,
  );
  await fleet.ready();
  if (runner.hello !== undefined)
    evidence.manifest = { ...manifest, lock: measuredLock({ ...adapter, ...runner.hello }) };
  await takeDown(topology, scenario.downMasters);
  await listener.started(evidence.manifest);

  const watch = await ServerWatch.begin(topology.masters, listener.vitals.bind(listener));
  let stop = (): void => undefined;
  try {
    const barrierNs = systemClock.nowNs() + msToNs(BARRIER_LEAD_MS);
    evidence.begin(barrierNs);
    fleet.start(barrierNs);
    listener.loaded(barrierNs);
    const window = measuredWindow(scenario, barrierNs);
    const mark = markWindow(window.startNs, watch, evidence);
    const deaths = new PlannedDeaths(scenario.killedWorkers, shards, window, {
      kill: fleet.kill.bind(fleet),
      spared: evidence.workerSpared.bind(evidence),
    });
    await using nemesis = armFaults(parts, window.startNs);
    stop = (): void => {
      evidence.stop();
      // A worker that drains does not die any more, and finds its masters as they were.
      deaths.cancel();
      void nemesis.end();
    };
    signal.addEventListener('abort', stop, { once: true });
    // Since the workers became ready, perhaps: nothing is measured then.
    if (signal.aborted) stop();
    const results = await fleet.results();
    clearTimeout(mark);
    deaths.cancel();
    // Before the nemesis, which may wait for seconds until it has seen that all is well again.
    evidence.readCpu();
    evidence.absorbFaults(await nemesis.end());
    evidence.end(results, await watch.end());
  } finally {
    // A command of many runs has one signal for all of them, and it must not keep their evidence.
    signal.removeEventListener('abort', stop);
    watch.stop();
  }
  const leaks = await auditLeaks(topology, keysOf(parts));
  evidence.leakedKeys = leaks?.existing;
  evidence.keysWithoutTtl = leaks?.withoutTtl;
}

function armFaults({ scenario, topology, runner, listener }: LoadParts, epochNs: Ns): Nemesis {
  const targets = { topology, clients: runner.faults };
  return new Nemesis(scenario.faults, {
    clock: systemClock,
    epochNs,
    actOf: (scheduled) => actOf(scheduled, targets, systemClock),
    onReceipt: (receipt) => listener.fault(receipt),
  });
}

/** CPU counts from the beginning of the measured window. */
function markWindow(windowStartNs: Ns, watch: ServerWatch, evidence: RunEvidence): NodeJS.Timeout {
  return setTimeout(
    () => {
      evidence.markCpu();
      void watch.mark();
    },
    nsToMs(windowStartNs - systemClock.nowNs()),
  );
}

/** A dead worker holds nothing any more; what it had told stays in the result. */
function buryWorker(shard: Shard, error: Error, witness: WitnessMemory, evidence: RunEvidence): void {
  closeCells(witness, shard.firstSlot, shard.slots);
  evidence.workerDied(shard.worker, error);
}

async function takeDown(topology: Topology, downMasters: readonly number[]): Promise<void> {
  for (const number of downMasters) await topology.masters[number - 1]?.server?.kill();
}

/** Every key on the servers that the run can have set. */
function keysOf({ manifest, adapter, scenario }: LoadParts): string[] {
  return Array.from({ length: keyCount(scenario) }, (_, keyIndex) => {
    const resource = keyName(manifest.runId, keyIndex);
    return adapter.keyOf?.(resource) ?? resource;
  });
}

/** Counts keys of this run that are still there, and those of them that will stay. */
async function auditLeaks(topology: Topology, names: readonly string[]): Promise<KeyCount | undefined> {
  let leaked: KeyCount | undefined;
  for (let tries = 0; tries < LEAK_AUDIT_TRIES; tries++) {
    const counts = await Promise.all(topology.masters.map((master) => master.countKeys(names)));
    leaked = addKeyCounts(counts);
    if (leaked === undefined || leaked.existing === 0) break;
    await new Promise((resolve) => setTimeout(resolve, LEAK_AUDIT_PAUSE_MS));
  }
  return leaked;
}

/** The scenario as it may be written down: endpoints without passwords. */
function redactScenario(scenario: Scenario, topology: Topology): Scenario {
  if (scenario.endpoints.length === 0) return scenario;
  return { ...scenario, endpoints: topology.masters.map((master) => master.identity.endpoint) };
}
