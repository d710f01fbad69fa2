import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.js';
import { SegmentDecoder, type Decoded } from './history-decoder.js';
import { encodeHeader, MOST_RECORD_BYTES, RecordEncoder, type SegmentHeader } from './history.js';
import { NOBODY, OPERATION_STATUSES, RELEASE_STATUSES, type Operation } from './operation.js';

const HEADER: SegmentHeader = { runId: 'a1', worker: 3, keys: 7, epochNs: 12_345, ttlMs: 10_000 };

const anyNs = fc.double({ min: 0, max: 2 ** 53, noNaN: true });
const perhapsNs = fc.option(anyNs, { nil: undefined });

const anyOperation: fc.Arbitrary<Operation> = fc.record({
  worker: fc.nat(1_000),
  slot: fc.integer({ min: NOBODY, max: 2 ** 20 }),
  keyIndex: fc.integer({ min: NOBODY, max: 2 ** 31 - 1 }),
  status: fc.constantFrom(...OPERATION_STATUSES),
  intendedNs: anyNs,
  invokedNs: anyNs,
  returnedNs: anyNs,
  attempts: fc.nat(2 ** 32 - 1),
  enteredNs: perhapsNs,
  validUntilNs: fc.oneof(perhapsNs, fc.constant(Infinity), fc.constant(-Infinity)),
  releaseInvokedNs: perhapsNs,
  leftNs: perhapsNs,
  releasedNs: perhapsNs,
  releaseStatus: fc.option(fc.constantFrom(...RELEASE_STATUSES), { nil: undefined }),
  isHoldCut: fc.boolean(),
});

type Written =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'holding'; readonly operation: Operation; readonly knownUntilNs: number }
  | { readonly kind: 'watermark'; readonly atNs: number };

const anyRecord: fc.Arbitrary<Written> = fc.oneof(
  anyOperation.map((operation): Written => ({ kind: 'operation', operation })),
  fc
    .tuple(anyOperation, anyNs)
    .map(([operation, knownUntilNs]): Written => ({ kind: 'holding', operation, knownUntilNs })),
  fc.oneof(anyNs, fc.constant(Infinity)).map((atNs): Written => ({ kind: 'watermark', atNs })),
);

function encode(records: readonly Written[]): Buffer {
  const bytes = Buffer.alloc(records.length * MOST_RECORD_BYTES);
  const encoder = new RecordEncoder(bytes);
  const end = records.reduce((at, record) => {
    if (record.kind === 'operation') return encoder.operation(at, record.operation);
    if (record.kind === 'holding') return encoder.holding(at, record.operation, record.knownUntilNs);
    return encoder.watermark(at, record.atNs);
  }, 0);
  return Buffer.concat([encodeHeader(HEADER), bytes.subarray(0, end)]);
}

/** What a decoder makes of bytes that come in blocks of one length. */
function decode(
  bytes: Buffer,
  blockBytes = bytes.length,
): { records: Written[]; last: Decoded; decoder: SegmentDecoder } {
  const decoder = new SegmentDecoder();
  const records: Written[] = [];
  let last: Decoded = 'starved';
  for (let at = 0; at < bytes.length && last !== 'damaged'; at += blockBytes) {
    decoder.push(bytes.subarray(at, at + blockBytes));
    for (last = decoder.next(); last !== 'starved' && last !== 'damaged'; last = decoder.next()) {
      const operation = { ...decoder.operation };
      if (last === 'operation') records.push({ kind: 'operation', operation });
      if (last === 'holding')
        records.push({ kind: 'holding', operation, knownUntilNs: operation.releaseInvokedNs ?? NaN });
      if (last === 'watermark') records.push({ kind: 'watermark', atNs: decoder.watermarkNs });
    }
  }
  return { records, last, decoder };
}

/** As it is read: the release of a hold that is under way is the last that is known of it. */
function asRead(records: readonly Written[]): Written[] {
  return records.map((record) =>
    record.kind === 'holding'
      ? { ...record, operation: { ...record.operation, releaseInvokedNs: record.knownUntilNs } }
      : record,
  );
}

describe('a segment of a history', () => {
  it('is read as it was written, wherever the blocks are cut', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), fc.integer({ min: 1, max: 300 }), (records, blockBytes) => {
        const { records: read, decoder } = decode(encode(records), blockBytes);
        expect(read).toEqual(asRead(records));
        expect(decoder.header).toEqual(HEADER);
        expect(decoder.rest).toBe(0);
      }),
    );
  });

  const some: Written[] = fc.sample(anyRecord, { numRuns: 6, seed: 1 });
  const whole = encode(some);
  const ends = some.map((_, count) => encode(some.slice(0, count)).length);

  it('gives every whole record when it is cut off, and no other', () => {
    for (let length = 0; length < whole.length; length++) {
      const { records, decoder, last } = decode(whole.subarray(0, length));
      const expected = ends.findLastIndex((end) => end <= length);
      expect(last).toBe('starved');
      expect(records).toEqual(asRead(some.slice(0, Math.max(0, expected))));
      expect(decoder.rest).toBe(length - (ends[expected] ?? 0));
    }
  });

  it('gives nothing from a damaged record on, whichever bit of it was flipped', () => {
    const headerEnd = encode([]).length;
    for (let bit = headerEnd * 8; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const before = ends.findLastIndex((end) => end <= bit >> 3);
      const { records, last } = decode(damaged);
      expect(last).toBe('damaged');
      expect(records).toEqual(asRead(some.slice(0, before)));
    }
  });

  it('gives nothing when its header is damaged', () => {
    for (let at = 0; at < encode([]).length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const { records, last, decoder } = decode(damaged);
      // A length that was made larger is one that the file does not have.
      expect(['damaged', 'starved']).toContain(last);
      expect(records).toEqual([]);
      expect(decoder.header).toBeUndefined();
    }
  });

  it('has the checksum of zlib', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), (bytes, start) => {
        expect(crc32(bytes, start, bytes.length)).toBe(zlib.crc32(bytes.subarray(start)));
      }),
    );
  });
});
