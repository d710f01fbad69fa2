import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankOperation, OPERATION_STATUSES, RELEASE_STATUSES, type ReusedOperation } from '../model/operation.js';
import { FrameReader, MAX_PAYLOAD_BYTES } from './driver-frames.js';

type Frame = { readonly message: object } | { readonly watermarkNs: number; readonly operations: ReusedOperation[] };

const MAX_UINT32 = 2 ** 32 - 1;

/** What a driver would write; BigInt, because it is another way than that of the reader. */
function encode(frame: Frame): Buffer {
  const payload = 'message' in frame ? Buffer.from(JSON.stringify(frame.message)) : encodeBatch(frame);
  const header = Buffer.from('RLBD00000000');
  header.writeUInt32LE('message' in frame ? 1 : 2, 4);
  header.writeUInt32LE(payload.length, 8);
  return Buffer.concat([header, payload]);
}

function encodeBatch({ watermarkNs, operations }: { watermarkNs: number; operations: ReusedOperation[] }): Buffer {
  const bytes = Buffer.alloc(16 + 64 * operations.length);
  bytes.writeBigUInt64LE(BigInt(watermarkNs), 0);
  bytes.writeBigUInt64LE(5n, 8);
  operations.forEach((operation, index) => {
    const at = 16 + 64 * index;
    const { status, releaseStatus, slot, keyIndex, attempts } = operation;
    bytes[at] = OPERATION_STATUSES.indexOf(status);
    bytes[at + 1] = releaseStatus === undefined ? 0 : 1 + RELEASE_STATUSES.indexOf(releaseStatus);
    bytes[at + 2] = operation.isHoldCut === true ? 1 : 0;
    bytes.writeUInt32LE(attempts, at + 4);
    bytes.writeUInt32LE(status === 'dropped' ? 0 : slot, at + 8);
    bytes.writeUInt32LE(status === 'dropped' ? 0 : keyIndex, at + 12);
    const { intendedNs, invokedNs, returnedNs, releaseInvokedNs, releasedNs, validUntilNs } = operation;
    const instants = [intendedNs, invokedNs, returnedNs, releaseInvokedNs, releasedNs, validUntilNs];
    instants.forEach((ns, place) => {
      const raw = ns === Infinity ? 2n ** 64n - 1n : BigInt(ns ?? 0);
      bytes.writeBigUInt64LE(raw, at + 16 + 8 * place);
    });
  });
  return bytes;
}

/** Reads a stream that was cut at these places. */
function decode(bytes: Buffer, cuts: readonly number[]): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader({
    redact: (text) => text,
    control: (message) => frames.push({ message }),
    operations: (batch) => {
      const operations = Array.from({ length: batch.count }, (_, index) => {
        const operation = blankOperation(3);
        batch.read(index, operation);
        return operation;
      });
      expect(batch.cpuNs).toBe(5);
      frames.push({ watermarkNs: batch.watermarkNs, operations });
    },
  });
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  places.slice(1).forEach((end, index) => reader.push(bytes.subarray(places[index], end)));
  return frames;
}

const instant = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const someInstant = instant.map((ns) => ns + 1).filter(Number.isSafeInteger);
const operation: fc.Arbitrary<ReusedOperation> = fc
  .record({
    worker: fc.constant(3),
    slot: fc.nat({ max: MAX_UINT32 }),
    keyIndex: fc.nat({ max: MAX_UINT32 }),
    status: fc.constantFrom(...OPERATION_STATUSES),
    intendedNs: instant,
    invokedNs: instant,
    returnedNs: instant,
    attempts: fc.nat({ max: MAX_UINT32 }),
    validUntilNs: maybe(fc.oneof(someInstant, fc.constant(Infinity))),
    releaseInvokedNs: maybe(someInstant),
    releasedNs: maybe(someInstant),
    releaseStatus: maybe(fc.constantFrom(...RELEASE_STATUSES)),
    isHoldCut: fc.boolean(),
  })
  .map((one) => (one.status === 'dropped' ? { ...one, slot: -1, keyIndex: -1 } : one));
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ message: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())) }),
  fc.record({ watermarkNs: instant, operations: fc.array(operation, { maxLength: 20 }) }),
);

describe('FrameReader', () => {
  it('reads what was written, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 30 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encode));
        const places = cuts.map((cut) => cut % (bytes.length + 1));
        expect(JSON.stringify(decode(bytes, places))).toBe(JSON.stringify(frames));
        expect(decode(bytes, places).map((one) => ('operations' in one ? one : {}))).toEqual(
          frames.map((one) => ('operations' in one ? one : {})),
        );
      }),
    );
  });

  it('reads what was written byte by byte, frames of the largest size among it', () => {
    const largest = { watermarkNs: 1, operations: Array<ReusedOperation>(16_383).fill(blankOperation(3)) };
    expect(encode(largest)).toHaveLength(12 + MAX_PAYLOAD_BYTES - 48);
    const bytes = Buffer.concat([largest, { message: { kind: 'ready' } }].map(encode));
    expect(decode(bytes, [5, 4_096, 4_097, bytes.length - 1])).toEqual([largest, { message: { kind: 'ready' } }]);
    const short = encode({ message: { kind: 'hello' } });
    expect(decode(short, [...short.keys()])).toEqual([{ message: { kind: 'hello' } }]);
  });

  it('never takes noise for a frame, and says what it saw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 200 }), (noise) => {
        fc.pre(Buffer.from(noise).toString('latin1', 0, 4) !== 'RLBD');
        expect(() => decode(Buffer.from(noise), [])).toThrow(/^sent garbage: expected a frame/);
      }),
    );
  });

  it('allows a payload of a mebibyte and refuses one byte more before it comes', () => {
    const header = Buffer.from('RLBD\x01\0\0\0\x00\x00\x10\0', 'latin1');
    expect(decode(header, [])).toEqual([]);
    header.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 8);
    expect(() => decode(header, [])).toThrow(/^flooded: expected frames of at most 1048576 bytes, got 1048577/);
  });

  it('refuses an array, a number and text where an object belongs', () => {
    for (const text of ['3', '"hello"', 'null', 'hello']) {
      const bytes = Buffer.concat([Buffer.from('RLBD\x01\0\0\0\0\0\0\0', 'latin1'), Buffer.from(text)]);
      bytes.writeUInt32LE(text.length, 8);
      expect(() => decode(bytes, [])).toThrow(/^sent garbage: expected a JSON object/);
    }
  });
});
