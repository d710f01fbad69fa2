/**
 * Reads a segment of a history, in whatever pieces it comes.
 *
 * @module
 */
import { crc32 } from './crc32.js';
import {
  FRAME_HEAD_BYTES,
  HOLD_CUT_FLAG,
  OPERATION_BYTES,
  RECORD_KINDS,
  SEGMENT_HEAD_BYTES,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  WATERMARK_BYTES,
  type SegmentHeader,
} from './history.js';
import { blankOperation, OPERATION_STATUSES, RELEASE_STATUSES, type Operation } from './operation.js';
import type { Ns } from './time.js';

/** What came next. `starved`: no whole record is there. `damaged`: what is there is none, and nothing after it is readable. */
export type Decoded = 'header' | 'operation' | 'holding' | 'watermark' | 'starved' | 'damaged';

/** No header is longer. */
const MOST_HEADER_BYTES = 1 << 16;

/** Gives the records of one segment, one after the other. */
export class SegmentDecoder {
  #bytes = Buffer.alloc(0);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #isDamaged = false;
  #header: SegmentHeader | undefined;
  readonly #operation = blankOperation(0);
  #watermarkNs: Ns = -Infinity;

  /** What the segment says of itself; undefined until it was read. */
  get header(): SegmentHeader | undefined {
    return this.#header;
  }

  /** The operation, or the hold under way, that was read last. The object is used again. */
  get operation(): Operation {
    return this.#operation;
  }

  /** The watermark that was read last. */
  get watermarkNs(): Ns {
    return this.#watermarkNs;
  }

  /** Bytes that are no whole record; at the end of the file the last record is torn if there are any. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  push(block: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), block]);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    this.#at = 0;
  }

  next(): Decoded {
    if (this.#isDamaged) return 'damaged';
    const decoded = this.#header === undefined ? this.#readHeader() : this.#readRecord();
    this.#isDamaged = decoded === 'damaged';
    return decoded;
  }

  #readHeader(): Decoded {
    if (this.rest >= SEGMENT_HEAD_BYTES) {
      const isSegment = this.#uint32(0) === SEGMENT_MAGIC && this.#uint32(4) === SEGMENT_VERSION;
      if (!isSegment) return 'damaged';
    }
    if (this.rest < SEGMENT_HEAD_BYTES + FRAME_HEAD_BYTES) return 'starved';
    const start = SEGMENT_HEAD_BYTES + FRAME_HEAD_BYTES;
    const length = this.#uint32(SEGMENT_HEAD_BYTES);
    if (length > MOST_HEADER_BYTES) return 'damaged';
    if (this.rest < start + length) return 'starved';
    if (crc32(this.#bytes, start, start + length) !== this.#uint32(SEGMENT_HEAD_BYTES + 4)) return 'damaged';
    // Its checksum says that it is what this tool wrote.
    this.#header = JSON.parse(this.#bytes.toString('utf8', start, start + length)) as SegmentHeader;
    this.#at = start + length;
    return 'header';
  }

  #readRecord(): Decoded {
    if (this.rest < FRAME_HEAD_BYTES) return 'starved';
    const length = this.#uint32(0);
    if (length !== OPERATION_BYTES && length !== WATERMARK_BYTES) return 'damaged';
    const body = this.#at + FRAME_HEAD_BYTES;
    if (body + length > this.#bytes.length) return 'starved';
    if (crc32(this.#bytes, body, body + length) !== this.#uint32(4)) return 'damaged';
    const decoded = this.#decode(body, length);
    this.#at = body + length;
    return decoded;
  }

  #decode(body: number, length: number): Decoded {
    const kind = this.#view.getUint8(body);
    if (length === WATERMARK_BYTES) {
      this.#watermarkNs = this.#view.getFloat64(body + 4, true);
      return kind === RECORD_KINDS.watermark ? 'watermark' : 'damaged';
    }
    if (kind !== RECORD_KINDS.operation && kind !== RECORD_KINDS.holding) return 'damaged';
    if (!this.#readOperation(body)) return 'damaged';
    return kind === RECORD_KINDS.operation ? 'operation' : 'holding';
  }

  #readOperation(body: number): boolean {
    const view = this.#view;
    const operation = this.#operation;
    const status = OPERATION_STATUSES[view.getUint8(body + 1)];
    const releaseCode = view.getUint8(body + 2);
    if (status === undefined || releaseCode > RELEASE_STATUSES.length) return false;
    operation.status = status;
    operation.releaseStatus = RELEASE_STATUSES[releaseCode - 1];
    operation.isHoldCut = (view.getUint8(body + 3) & HOLD_CUT_FLAG) !== 0;
    operation.attempts = view.getUint32(body + 4, true);
    operation.worker = view.getInt32(body + 8, true);
    operation.slot = view.getInt32(body + 12, true);
    operation.keyIndex = view.getInt32(body + 16, true);
    operation.intendedNs = view.getFloat64(body + 20, true);
    operation.invokedNs = view.getFloat64(body + 28, true);
    operation.returnedNs = view.getFloat64(body + 36, true);
    operation.validUntilNs = this.#instant(body + 44);
    operation.releaseInvokedNs = this.#instant(body + 52);
    operation.releasedNs = this.#instant(body + 60);
    operation.enteredNs = this.#instant(body + 68);
    operation.leftNs = this.#instant(body + 76);
    return true;
  }

  #instant(at: number): Ns | undefined {
    const ns = this.#view.getFloat64(at, true);
    return Number.isNaN(ns) ? undefined : ns;
  }

  /** @param offset from where the next record begins */
  #uint32(offset: number): number {
    return this.#view.getUint32(this.#at + offset, true);
  }
}
