import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../model/random.js';
import { RequestSplitter, type RequestPiece } from './request-splitter.js';

/** A request as clients write it. */
function request(...words: readonly (string | Buffer)[]): Buffer {
  const parts = words.map((word) => {
    const bytes = Buffer.from(word);
    return Buffer.concat([Buffer.from(`$${String(bytes.length)}\r\n`), bytes, Buffer.from('\r\n')]);
  });
  return Buffer.concat([Buffer.from(`*${String(words.length)}\r\n`), ...parts]);
}

const text = (pieces: readonly RequestPiece[]): string[] => pieces.map(({ bytes }) => bytes.toString('latin1'));

function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}

/** A request of any shape, with values that look like the protocol itself. */
function anyRequest(random: Random): Buffer {
  const kind = below(random, 10);
  if (kind === 0) return Buffer.from('PING\r\n');
  if (kind === 1) return Buffer.from('*0\r\n');
  if (kind === 2) return Buffer.from('\r\n');
  const alphabet = Buffer.from('*$\r\n0123456789ab\0\xff', 'latin1');
  const words = Array.from({ length: 1 + below(random, 6) }, () =>
    Buffer.from(Array.from({ length: below(random, 40) }, () => alphabet[below(random, alphabet.length)] ?? 0)),
  );
  return request(...words);
}

/** Cuts at any places, also between the bytes of a line end. */
function cutUp(stream: Buffer, random: Random, longest: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const length = 1 + below(random, longest);
    chunks.push(stream.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

describe('RequestSplitter', () => {
  it('finds the same requests however the stream was cut up', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = seededRandom(seed);
      const requests = Array.from({ length: 1 + below(random, 20) }, () => anyRequest(random));
      const splitter = new RequestSplitter();
      const chunks = cutUp(Buffer.concat(requests), random, 1 + below(random, 60));
      const pieces = chunks.flatMap((chunk) => splitter.push(chunk));
      expect({ seed, pieces: text(pieces) }).toEqual({
        seed,
        pieces: requests.map((bytes) => bytes.toString('latin1')),
      });
      expect(pieces.every(({ endsRequest }) => endsRequest)).toBe(true);
      expect(splitter.rest()).toEqual([]);
    }
  });

  it('gives a request when its last byte has come, and not before', () => {
    const splitter = new RequestSplitter();
    const whole = request('SET', 'a', '*1\r\n$4\r\nPING\r\n');
    expect(splitter.push(whole.subarray(0, -1))).toEqual([]);
    expect(splitter.push(whole.subarray(-1))).toEqual([{ bytes: whole, endsRequest: true }]);
  });

  it('gives what is left of a request that will not end', () => {
    const splitter = new RequestSplitter();
    splitter.push(Buffer.from('*2\r\n$3\r\nGE'));
    expect(splitter.rest()).toEqual([{ bytes: Buffer.from('*2\r\n$3\r\nGE'), endsRequest: false }]);
    expect(splitter.rest()).toEqual([]);
  });

  it.each(['*x\r\n', '*\r\n', '*-1\r\n', '*1\r\nx', '*1\r\n$\r\n', '*1\r\n$-1\r\n', '*99999999999\r\n'])(
    'lets everything go on at once behind %j, which no server understands',
    (words) => {
      const splitter = new RequestSplitter();
      const [first, ...more] = splitter.push(Buffer.concat([request('PING'), Buffer.from(words)]));
      expect([first?.endsRequest, text(more)]).toEqual([true, [words]]);
      expect(splitter.push(request('PING')).map(({ endsRequest }) => endsRequest)).toEqual([false]);
    },
  );

  it('does not keep all of a large request, and counts it once', () => {
    const splitter = new RequestSplitter();
    const whole = request('SET', 'a', Buffer.alloc(3_000_000, 'x'));
    const pieces: RequestPiece[] = [];
    for (let at = 0; at < whole.length; at += 65_536) pieces.push(...splitter.push(whole.subarray(at, at + 65_536)));
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(whole)).toBe(true);
    expect(pieces.map(({ endsRequest }) => endsRequest)).toEqual([false, false, true]);
  });
});
