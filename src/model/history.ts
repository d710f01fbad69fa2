/**
 * The history of a run as bytes: one segment for each worker, only ever appended to, readable up to wherever it was cut.
 *
 * Legend, all little endian. A segment is the magic (4 bytes), the version (4 bytes) and frames. A frame is the length of
 * its body (4 bytes), the body's CRC-32 (4 bytes) and the body. The first body is the header, as JSON; each of the others
 * is a record of fixed length: its kind (1 byte), and
 *
 * - `operation`: status, release status (0 for none), flags, attempts (4 bytes), worker, slot, key (4 bytes each), and
 *   eight doubles: intended, invoked, returned, valid until, release invoked, released, entered, left;
 * - `holding`: the same of a hold that is under way; its release is the instant up to which it is known to have held;
 * - `watermark`: three bytes of nothing and a double: every hold whose release was invoked before it has been written.
 *   Infinity closes the segment: nothing is missing.
 *
 * An optional instant that is not there is NaN.
 *
 * @module
 */
import { crc32 } from './crc32.js';
import { OPERATION_STATUSES, RELEASE_STATUSES, type Operation } from './operation.js';
import type { Ns } from './time.js';

/** "RLBH", read as a little-endian number. */
export const SEGMENT_MAGIC = 0x48_42_4c_52;
export const SEGMENT_VERSION = 1;
/** Magic and version. */
export const SEGMENT_HEAD_BYTES = 8;
/** Length and checksum. */
export const FRAME_HEAD_BYTES = 8;

export const RECORD_KINDS = { operation: 1, holding: 2, watermark: 3 } as const;
/** The length of the body of an operation, and of a hold that is under way. */
export const OPERATION_BYTES = 84;
export const WATERMARK_BYTES = 12;
export const HOLD_CUT_FLAG = 1;

/** No record takes more, its frame included. */
export const MOST_RECORD_BYTES = FRAME_HEAD_BYTES + OPERATION_BYTES;

/** What stands at the beginning of a segment. */
export interface SegmentHeader {
  readonly runId: string;
  readonly worker: number;
  /** How many keys the run has. */
  readonly keys: number;
  /** The barrier: overlaps are dated from it. */
  readonly epochNs: Ns;
  /** A lock that states no validity promised this long from its invocation. Without it such a lock promised nothing. */
  readonly ttlMs?: number | undefined;
}

/** Holds the segments, in the folder of a run. */
export const HISTORY_FOLDER = 'history';

/** The file of a worker's segment, in the folder of the history. */
export function segmentName(worker: number): string {
  return `worker-${String(worker)}.history`;
}

/** The beginning of a segment. */
export function encodeHeader(header: SegmentHeader): Buffer {
  const body = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES + FRAME_HEAD_BYTES + body.length);
  bytes.writeUInt32LE(SEGMENT_MAGIC, 0);
  bytes.writeUInt32LE(SEGMENT_VERSION, 4);
  bytes.writeUInt32LE(body.length, 8);
  bytes.writeUInt32LE(crc32(body, 0, body.length), 12);
  body.copy(bytes, SEGMENT_HEAD_BYTES + FRAME_HEAD_BYTES);
  return bytes;
}

/** Writes records into a buffer that is used again and again. It makes no object for any of them. */
export class RecordEncoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @returns where the record ends, as the others do */
  operation(at: number, operation: Operation): number {
    return this.#write(at, RECORD_KINDS.operation, operation, operation.releaseInvokedNs);
  }

  /** A hold that is under way, and is known to have lasted up to an instant. */
  holding(at: number, operation: Operation, knownUntilNs: Ns): number {
    return this.#write(at, RECORD_KINDS.holding, operation, knownUntilNs);
  }

  watermark(at: number, watermarkNs: Ns): number {
    const view = this.#view;
    const body = at + FRAME_HEAD_BYTES;
    view.setUint32(body, RECORD_KINDS.watermark, true);
    view.setFloat64(body + 4, watermarkNs, true);
    return this.#seal(at, WATERMARK_BYTES);
  }

  #write(at: number, kind: number, operation: Operation, releaseInvokedNs: Ns | undefined): number {
    const view = this.#view;
    const body = at + FRAME_HEAD_BYTES;
    const { releaseStatus } = operation;
    view.setUint8(body, kind);
    view.setUint8(body + 1, OPERATION_STATUSES.indexOf(operation.status));
    view.setUint8(body + 2, releaseStatus === undefined ? 0 : 1 + RELEASE_STATUSES.indexOf(releaseStatus));
    view.setUint8(body + 3, operation.isHoldCut === true ? HOLD_CUT_FLAG : 0);
    view.setUint32(body + 4, operation.attempts, true);
    view.setInt32(body + 8, operation.worker, true);
    view.setInt32(body + 12, operation.slot, true);
    view.setInt32(body + 16, operation.keyIndex, true);
    view.setFloat64(body + 20, operation.intendedNs, true);
    view.setFloat64(body + 28, operation.invokedNs, true);
    view.setFloat64(body + 36, operation.returnedNs, true);
    view.setFloat64(body + 44, operation.validUntilNs ?? NaN, true);
    view.setFloat64(body + 52, releaseInvokedNs ?? NaN, true);
    view.setFloat64(body + 60, operation.releasedNs ?? NaN, true);
    view.setFloat64(body + 68, operation.enteredNs ?? NaN, true);
    view.setFloat64(body + 76, operation.leftNs ?? NaN, true);
    return this.#seal(at, OPERATION_BYTES);
  }

  #seal(at: number, length: number): number {
    const body = at + FRAME_HEAD_BYTES;
    this.#view.setUint32(at, length, true);
    this.#view.setUint32(at + 4, crc32(this.#bytes, body, body + length), true);
    return body + length;
  }
}
