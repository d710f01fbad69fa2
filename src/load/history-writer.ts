/**
 * Writes one worker's segment of the history while the run goes on.
 *
 * What was handed to the system survives the death of this process, so there is no sync before the end. A full disk ends
 * the history and not the run.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { toError } from '../model/errors.js';
import { encodeHeader, MOST_RECORD_BYTES, RecordEncoder, type SegmentHeader } from '../model/history.js';
import type { Operation } from '../model/operation.js';
import type { Ns } from '../model/time.js';
import type { Shard } from './shard.js';
import { keyCount } from './workload.js';

/** Enough for 700 operations; a write of so much takes some 25 µs of the load's time. */
const BUFFER_BYTES = 1 << 16;

/** How often `flush` must be called: what a dead worker did since is not known. */
export const FLUSH_MS = 1_000;

/** Starts the shard's segment of the history; undefined in a run that records none. */
export function startHistory(
  { runId, worker, scenario, historyFile }: Shard,
  barrierNs: Ns,
): HistoryWriter | undefined {
  if (historyFile === undefined) return undefined;
  const header = { runId, worker, keys: keyCount(scenario), epochNs: barrierNs, ttlMs: scenario.ttlMs };
  return new HistoryWriter(historyFile, header);
}

export class HistoryWriter {
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  readonly #encoder = new RecordEncoder(this.#buffer);
  readonly #file: string;
  readonly #handle: number | undefined;
  #filled = 0;
  /** Of what is in the buffer, the operations. */
  #unwritten = 0;
  #failure: string | undefined;
  #lost = 0;
  #isOpen: boolean;

  /** Makes the file, which must not be there yet, in a folder that is. */
  constructor(file: string, header: SegmentHeader) {
    this.#file = file;
    this.#handle = this.#attempt(() => openSync(file, 'wx'));
    this.#isOpen = this.#handle !== undefined;
    this.#write(encodeHeader(header));
  }

  /** What went wrong, one sentence, with the most operations that may be missing; empty while nothing has. */
  get problems(): readonly string[] {
    if (this.#failure === undefined) return [];
    return [`${this.#file}: ${this.#failure}; up to ${String(this.#lost)} operations are missing in the history`];
  }

  /** Appends an operation that is over. It is copied. */
  record(operation: Operation): void {
    if (!this.#isOpen || this.#failure !== undefined) {
      this.#lost++;
      return;
    }
    this.#makeRoom();
    this.#filled = this.#encoder.operation(this.#filled, operation);
    this.#unwritten++;
  }

  /**
   * Hands everything to the system. `underWay` are the operations that were begun and not recorded yet; those of them that
   * hold are written down, so that it is known how long they surely did.
   *
   * @param nowNs every hold whose release was invoked before has been recorded or is under way
   */
  flush(nowNs: Ns, underWay: Iterable<Operation>): void {
    let watermarkNs = nowNs;
    for (const operation of underWay) {
      if (operation.status !== 'acquired') continue;
      // One that is being released will be recorded with this instant, which the watermark must not have passed by then.
      const knownUntilNs = operation.releaseInvokedNs ?? nowNs;
      watermarkNs = Math.min(watermarkNs, knownUntilNs);
      this.#makeRoom();
      this.#filled = this.#encoder.holding(this.#filled, operation, knownUntilNs);
    }
    this.#writeWatermark(watermarkNs);
  }

  /** Closes a whole segment: nothing that the worker did is missing. */
  end(): void {
    if (!this.#isOpen) return;
    this.#writeWatermark(Infinity);
    this.#attempt(() => {
      fsyncSync(this.#handle ?? -1);
    });
    this.#close();
  }

  /** Closes the segment of a worker that died: what it did last is not known. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#writeOut();
    this.#close();
  }

  #writeWatermark(watermarkNs: Ns): void {
    this.#makeRoom();
    this.#filled = this.#encoder.watermark(this.#filled, watermarkNs);
    this.#writeOut();
  }

  #makeRoom(): void {
    if (this.#filled + MOST_RECORD_BYTES > BUFFER_BYTES) this.#writeOut();
  }

  #writeOut(): void {
    this.#write(this.#buffer.subarray(0, this.#filled));
    // Some of them may have come through before the disk was full; none is counted as there that is not.
    if (this.#failure !== undefined) this.#lost += this.#unwritten;
    this.#unwritten = 0;
    this.#filled = 0;
  }

  #write(bytes: Uint8Array): void {
    const handle = this.#handle;
    // After a gap nothing is readable, so nothing more is written.
    if (handle === undefined || !this.#isOpen || this.#failure !== undefined) return;
    this.#attempt(() => {
      for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written);
    });
  }

  #close(): void {
    this.#isOpen = false;
    this.#attempt(() => {
      closeSync(this.#handle ?? -1);
    });
  }

  #attempt<Value>(work: () => Value): Value | undefined {
    try {
      return work();
    } catch (thrown) {
      this.#failure ??= toError(thrown).message;
      return undefined;
    }
  }
}
