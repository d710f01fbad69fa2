/**
 * What a driver process writes: frames of bytes, and the packed operations in them. `drivers/README.md` is their text.
 *
 * @module
 */
import { NOBODY, OPERATION_STATUSES, RELEASE_STATUSES, type ReusedOperation } from '../model/operation.js';
import type { Ns } from '../model/time.js';

/** The largest payload of a frame: 16,000 operations. */
export const MAX_PAYLOAD_BYTES = 1 << 20;
const RECORD_BYTES = 64;

/** "RLBD", read as a little-endian number. */
const MAGIC = 0x44_42_4c_52;
const HEADER_BYTES = 12;
const CONTROL = 1;
const OPERATIONS = 2;
/** Watermark and CPU time. */
const OPERATIONS_HEAD_BYTES = 16;
/** How much of what is no frame is shown. */
const QUOTED_CHARACTERS = 40;
const TWO_TO_32 = 2 ** 32;
const ALL_ONES = TWO_TO_32 - 1;

/** The operations of one frame. It is a view of memory that the next frame overwrites. */
export interface OperationBatch {
  /** Every operation whose release was invoked before this instant has been reported. */
  readonly watermarkNs: Ns;
  /** User and system time that the driver has used since it was started. */
  readonly cpuNs: Ns;
  readonly count: number;
  /** Reads the next operation into an object that is used again. */
  read(index: number, into: ReusedOperation): void;
}

export interface FrameListener {
  /** Makes text that a message will quote fit to be shown. It is cut only then. */
  redact(text: string): string;
  /** A message in JSON, not yet looked at. */
  control(message: Readonly<Record<string, unknown>>): void;
  operations(batch: OperationBatch): void;
}

/**
 * Cuts a stream of bytes into frames, wherever the pipe cut it.
 *
 * Legend: a header of three 32-bit numbers (magic, type, length of the payload), then the payload; all little endian.
 * Bytes wait in one buffer that was made once and holds the largest frame.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #bytes = Buffer.allocUnsafe(HEADER_BYTES + MAX_PAYLOAD_BYTES);
  readonly #batch = new BatchView(this.#bytes);
  #filled = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** @throws Error that says, after "the driver …", what was wrong with a frame; nothing more is readable then */
  push(chunk: Buffer): void {
    for (let taken = 0; taken < chunk.length;) {
      const copied = chunk.copy(this.#bytes, this.#filled, taken);
      taken += copied;
      this.#filled += copied;
      this.#cut();
    }
  }

  /** Hands out every whole frame and moves the rest to the front, where there is room for all of it. */
  #cut(): void {
    let start = 0;
    for (;;) {
      this.#checkMagic(start);
      if (this.#filled - start < HEADER_BYTES) break;
      const end = start + HEADER_BYTES + this.#payloadLength(start);
      if (end > this.#filled) break;
      this.#deliver(this.#bytes.readUInt32LE(start + 4), start + HEADER_BYTES, end);
      start = end;
    }
    if (start > 0) this.#bytes.copyWithin(0, start, this.#filled);
    this.#filled -= start;
  }

  /** As soon as it can be seen, because who prints a line instead may never send as much as a header. */
  #checkMagic(start: number): void {
    if (this.#filled - start < 4 || this.#bytes.readUInt32LE(start) === MAGIC) return;
    const found = this.#bytes.toString('utf8', start, this.#filled);
    throw new Error(`sent garbage: expected a frame, which begins with RLBD, got ${this.#quote(found)}`);
  }

  #payloadLength(start: number): number {
    const length = this.#bytes.readUInt32LE(start + 8);
    if (length > MAX_PAYLOAD_BYTES) {
      throw new Error(
        `flooded: expected frames of at most ${String(MAX_PAYLOAD_BYTES)} bytes, got ${String(length)}; send smaller batches`,
      );
    }
    return length;
  }

  #deliver(type: number, start: number, end: number): void {
    if (type === OPERATIONS) this.#listener.operations(this.#batch.show(start, end));
    else if (type === CONTROL) this.#hear(this.#bytes.toString('utf8', start, end));
    else throw new Error(`sent garbage: expected a frame of type 1 or 2, got type ${String(type)}`);
  }

  #hear(text: string): void {
    const message = parseObject(text);
    if (message === undefined) throw new Error(`sent garbage: expected a JSON object, got ${this.#quote(text)}`);
    this.#listener.control(message);
  }

  #quote(text: string): string {
    return JSON.stringify(this.#listener.redact(text).slice(0, QUOTED_CHARACTERS));
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

class BatchView implements OperationBatch {
  watermarkNs: Ns = 0;
  cpuNs: Ns = 0;
  count = 0;
  readonly #view: DataView;
  #firstRecord = 0;

  constructor(bytes: Buffer) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  show(start: number, end: number): OperationBatch {
    const recordBytes = end - start - OPERATIONS_HEAD_BYTES;
    if (recordBytes < 0 || recordBytes % RECORD_BYTES !== 0) {
      throw new Error(
        `sent garbage: expected 16 bytes and records of ${String(RECORD_BYTES)}, got a frame of ${String(end - start)} bytes`,
      );
    }
    this.watermarkNs = this.#uint64(start);
    this.cpuNs = this.#uint64(start + 8);
    this.count = recordBytes / RECORD_BYTES;
    this.#firstRecord = start + OPERATIONS_HEAD_BYTES;
    return this;
  }

  read(index: number, into: ReusedOperation): void {
    const view = this.#view;
    const at = this.#firstRecord + index * RECORD_BYTES;
    const statusCode = view.getUint8(at);
    const releaseCode = view.getUint8(at + 1);
    const status = OPERATION_STATUSES[statusCode];
    if (status === undefined || releaseCode > RELEASE_STATUSES.length) {
      const codes = `${String(statusCode)} and ${String(releaseCode)}`;
      throw new Error(`sent garbage: expected a status from 0 to 6 and one of release from 0 to 3, got ${codes}`);
    }
    into.status = status;
    into.releaseStatus = RELEASE_STATUSES[releaseCode - 1];
    into.isHoldCut = (view.getUint8(at + 2) & 1) === 1;
    into.attempts = view.getUint32(at + 4, true);
    into.slot = status === 'dropped' ? NOBODY : view.getUint32(at + 8, true);
    into.keyIndex = status === 'dropped' ? NOBODY : view.getUint32(at + 12, true);
    into.intendedNs = this.#uint64(at + 16);
    into.invokedNs = this.#uint64(at + 24);
    into.returnedNs = this.#uint64(at + 32);
    into.releaseInvokedNs = this.#instant(at + 40);
    into.releasedNs = this.#instant(at + 48);
    into.validUntilNs = this.#isAllOnes(at + 56) ? Infinity : this.#instant(at + 56);
  }

  /** As a double: exact for 104 days of uptime, rounded to 2 ns for as long again, like every instant of ours. */
  #uint64(at: number): number {
    return this.#view.getUint32(at + 4, true) * TWO_TO_32 + this.#view.getUint32(at, true);
  }

  #instant(at: number): Ns | undefined {
    const ns = this.#uint64(at);
    return ns === 0 ? undefined : ns;
  }

  #isAllOnes(at: number): boolean {
    return this.#view.getUint32(at, true) === ALL_ONES && this.#view.getUint32(at + 4, true) === ALL_ONES;
  }
}
