/**
 * Which faults a scenario can have: targets that exist, times within the run, and none that contradicts another.
 *
 * @module
 */
import { isClientFault, isLinkFault, type Fault, type ScheduledFault } from './fault.js';
import { formatScheduledFault, nameTarget } from './fault-text.js';
import { formatDurationMs } from './time.js';

/** What of a scenario decides about its faults. */
export interface FaultStage {
  readonly faults: readonly ScheduledFault[];
  readonly masters: number;
  readonly workers: number;
  readonly durationMs: number;
  /** Nobody else's servers, nor the ways to them, are ever disturbed. */
  readonly areMastersSpawned: boolean;
  /** Masters that are down all the time, and workers that are killed. */
  readonly downMasters: readonly number[];
  readonly killedWorkers: readonly number[];
}

/** Every problem with the faults, each with what was expected, what was got, and the fix. */
export function findFaultProblems(stage: FaultStage): string[] {
  const { faults, areMastersSpawned } = stage;
  if (faults.length > 0 && !areMastersSpawned) {
    return [
      '--fault: expected masters spawned by this run, got --endpoint; faults are for servers of our own only: use --masters',
    ];
  }
  return [...faults.flatMap((scheduled) => findProblems(scheduled, stage)), ...findContradictions(faults)];
}

function findProblems(scheduled: ScheduledFault, stage: FaultStage): string[] {
  const problems: string[] = [];
  const { fault, atMs, forMs = 0 } = scheduled;
  const refuse = (problem: string): void => void problems.push(`${quote(scheduled)}: ${problem}`);
  if ('master' in fault) {
    if (!isWithin(fault.master, stage.masters)) {
      refuse(`expected a master between 1 and ${String(stage.masters)}, got ${String(fault.master)}; use --masters`);
    } else if (stage.downMasters.includes(fault.master)) {
      refuse(
        `expected a master that is up, got ${String(fault.master)}, which the scenario takes down; use another one`,
      );
    }
  }
  if ('client' in fault && fault.client !== undefined) {
    if (!isWithin(fault.client, stage.workers)) {
      refuse(
        `expected a client, which is a worker, between 1 and ${String(stage.workers)}, got ${String(fault.client)}; use --workers ${String(fault.client)}`,
      );
    } else if (stage.killedWorkers.includes(fault.client)) {
      refuse(`expected a worker that lives, got ${String(fault.client)}, which the scenario kills; use another one`);
    }
  }
  problems.push(...findUnprovable(fault, forMs).map((problem) => `${quote(scheduled)}: ${problem}`));
  const endMs = atMs + forMs;
  if (!(atMs >= 0 && atMs < stage.durationMs && endMs <= stage.durationMs)) {
    const end = forMs > 0 ? `, and its end at ${formatDurationMs(endMs)}` : '';
    refuse(
      `expected it within --duration ${formatDurationMs(stage.durationMs)}, got its beginning at ${formatDurationMs(atMs)}${end}; use a longer --duration`,
    );
  }
  return problems;
}

/** Below this a jump of a clock, or a silence, is not told from the noise of a busy machine. */
const LEAST_JUMP_MS = 10;
const LEAST_STALL_MS = 100;
/** A probe of 64 bytes gets back within a second, and one of a megabyte is held up for a tenth of a second. */
const LEAST_BYTES_PER_SECOND = 200;
const MOST_BYTES_PER_SECOND = 20_000_000;

/** What could be done, but never be proven. */
function findUnprovable(fault: Fault, forMs: number): string[] {
  switch (fault.kind) {
    case 'latency':
      if (fault.jitterMs < fault.delayMs) return [];
      return [
        `expected a jitter below the delay, got ${formatDurationMs(fault.jitterMs)} beside ${formatDurationMs(fault.delayMs)}; some answers would come as fast as ever: use a smaller jitter=`,
      ];
    case 'bandwidth':
      if (fault.bytesPerSecond >= LEAST_BYTES_PER_SECOND && fault.bytesPerSecond <= MOST_BYTES_PER_SECOND) return [];
      return [
        `expected a rate between ${String(LEAST_BYTES_PER_SECOND)} and ${String(MOST_BYTES_PER_SECOND)} bytes per second, which a probe can tell, got ${String(fault.bytesPerSecond)}; use rate=10000`,
      ];
    case 'clock':
    case 'client-clock':
      if (Math.abs(fault.byMs) >= LEAST_JUMP_MS) return [];
      return [
        `expected a jump of ${formatDurationMs(LEAST_JUMP_MS)} or more, which a probe can tell, got by=${fault.byMs < 0 ? '-' : ''}${formatDurationMs(Math.abs(fault.byMs))}; use by=20s`,
      ];
    case 'stall':
      if (forMs >= LEAST_STALL_MS) return [];
      return [
        `expected it to last ${formatDurationMs(LEAST_STALL_MS)} or more, so that its silence can be told from a slow answer, got for=${formatDurationMs(forMs)}; use for=1s`,
      ];
    default:
      return [];
  }
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

/** Two faults that one target cannot have at once: the second would find nothing to disturb, or undo the first. */
function findContradictions(faults: readonly ScheduledFault[]): string[] {
  return faults.flatMap((first, index) =>
    faults
      .slice(index + 1)
      .filter((second) => areOnOneTarget(first.fault, second.fault) && isAtOnce(first, second))
      .map(
        (second) =>
          `${quote(first)}: expected one fault at a time of ${nameTarget(first.fault)}, got also ${formatScheduledFault(second)}; let one end before the other begins`,
      ),
  );
}

/** Whether two faults are about the same server, the same client, or ways that both have. */
export function areOnOneTarget(first: Fault, second: Fault): boolean {
  if (isClientFault(first)) return isClientFault(second) && first.client === second.client;
  if (isClientFault(second) || first.master !== second.master) return false;
  if (!isLinkFault(first)) return !isLinkFault(second);
  if (!isLinkFault(second)) return false;
  return first.client === undefined || second.client === undefined || first.client === second.client;
}

function isAtOnce(first: ScheduledFault, second: ScheduledFault): boolean {
  const [end, otherEnd] = [first.atMs + (first.forMs ?? 0), second.atMs + (second.forMs ?? 0)];
  return first.atMs === second.atMs || (first.atMs < otherEnd && second.atMs < end);
}

function quote(scheduled: ScheduledFault): string {
  return `--fault "${formatScheduledFault(scheduled)}"`;
}
