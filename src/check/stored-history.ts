/**
 * The segments of a history on disk, read in blocks.
 *
 * @module
 */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { toError } from '../model/errors.js';
import { SegmentDecoder } from '../model/history-decoder.js';
import { MOST_RECORD_BYTES, type SegmentHeader } from '../model/history.js';
import { NOBODY, type Operation } from '../model/operation.js';
import type { Ns } from '../model/time.js';

const BLOCK_BYTES = 1 << 18;
const SEGMENT_NAME = /^worker-(\d+)\.history$/;

/** How a segment ended: closed by its worker; cut off, as a kill does it, perhaps within a record; or damaged. */
export type SegmentEnd = 'closed' | 'cut' | 'torn' | 'damaged';

/** One segment, read from its beginning to its end. */
export class StoredSegment {
  readonly file: string;
  /** There are no more in it. */
  readonly mostOperations: number;
  readonly #handle: FileHandle;
  readonly #decoder = new SegmentDecoder();
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES);
  /** For each slot the hold that was under way at the last flush. */
  readonly #underWay = new Map<number, Operation>();
  #watermarkNs: Ns = -Infinity;
  #end: SegmentEnd | undefined;

  private constructor(file: string, bytes: number, handle: FileHandle) {
    this.file = file;
    this.mostOperations = Math.floor(bytes / MOST_RECORD_BYTES);
    this.#handle = handle;
  }

  /** Opens a segment and reads its header, which is undefined when there is no readable one. */
  static async open(file: string): Promise<StoredSegment> {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const segment = new StoredSegment(file, size, handle);
      await segment.#step();
      return segment;
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  }

  get header(): SegmentHeader | undefined {
    return this.#decoder.header;
  }

  /** Every hold of the segment whose release was invoked before has been told. Infinity at its end. */
  get watermarkNs(): Ns {
    return this.#watermarkNs;
  }

  /** Undefined before the end. */
  get end(): SegmentEnd | undefined {
    return this.#end;
  }

  /**
   * Reads on until the watermark has moved, and tells the operations on the way; the object is used again. A hold of which
   * no more was written than that it was under way is told at the end, as released when it was last seen.
   */
  async readOn(tell: (operation: Operation) => void): Promise<void> {
    const beforeNs = this.#watermarkNs;
    while (this.#watermarkNs === beforeNs && this.#end === undefined) {
      const decoded = await this.#step();
      const { operation } = this.#decoder;
      if (decoded === 'operation') {
        this.#settle(operation, tell);
        tell(operation);
      } else if (decoded === 'holding') {
        this.#settle(operation, tell);
        this.#underWay.set(operation.slot, { ...operation });
      } else if (decoded === 'watermark') this.#watermarkNs = Math.max(beforeNs, this.#decoder.watermarkNs);
    }
    if (this.#watermarkNs === Infinity) this.#end ??= 'closed';
    if (this.#end === undefined) return;
    for (const operation of this.#underWay.values()) tell(operation);
    this.#underWay.clear();
    this.#watermarkNs = Infinity;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The slot's hold that was under way: this is what became of it. If it is another one, that was never written. */
  #settle({ slot, returnedNs }: Operation, tell: (operation: Operation) => void): void {
    if (slot === NOBODY || this.#underWay.size === 0) return;
    const underWay = this.#underWay.get(slot);
    if (underWay === undefined) return;
    if (underWay.returnedNs !== returnedNs) tell(underWay);
    this.#underWay.delete(slot);
  }

  async #step(): Promise<ReturnType<SegmentDecoder['next']>> {
    for (;;) {
      const decoded = this.#decoder.next();
      if (decoded === 'damaged') this.#end = 'damaged';
      if (decoded !== 'starved') return decoded;
      const { bytesRead } = await this.#handle.read(this.#block, 0, BLOCK_BYTES);
      if (bytesRead === 0) {
        this.#end = this.#decoder.rest > 0 ? 'torn' : 'cut';
        return decoded;
      }
      this.#decoder.push(this.#block.subarray(0, bytesRead));
    }
  }
}

/** The segments of a folder that could be opened, in the order of their workers, and what was wrong with the others. */
export interface StoredSegments extends AsyncDisposable {
  readonly segments: readonly StoredSegment[];
  readonly problems: readonly string[];
}

/** Opens the segments of a folder. Segments of several runs cannot be compared: those of another run than the first are left out. */
export async function openSegments(folder: string): Promise<StoredSegments> {
  const opened: StoredSegment[] = [];
  const problems: string[] = [];
  for (const name of await listSegments(folder)) {
    try {
      opened.push(await StoredSegment.open(path.join(folder, name)));
    } catch (thrown) {
      problems.push(`${name}: ${toError(thrown).message}`);
    }
  }
  const runId = opened.find(({ header }) => header !== undefined)?.header?.runId;
  const segments = opened.filter(({ file, header }) => {
    if (header !== undefined && header.runId === runId) return true;
    problems.push(
      `${path.basename(file)}: ${header === undefined ? 'it has no readable header' : 'it is of another run'}`,
    );
    return false;
  });
  return {
    segments,
    problems,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((segment) => segment.close()));
    },
  };
}

/** Tells whether a folder holds a history. */
export async function hasHistory(folder: string): Promise<boolean> {
  return (await listSegments(folder)).length > 0;
}

async function listSegments(folder: string): Promise<string[]> {
  const number = (name: string): number => Number(SEGMENT_NAME.exec(name)?.[1]);
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => SEGMENT_NAME.test(name)).sort((a, b) => number(a) - number(b));
}
