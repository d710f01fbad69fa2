/**
 * Finds where requests end in what a client sends, however it was cut up on the way.
 *
 * @module
 */

/** A part of the stream, in order. */
export interface RequestPiece {
  readonly bytes: Buffer;
  /** Whether a request ends with it. Parts that end none belong to one that is too large to be kept, or to no request. */
  readonly endsRequest: boolean;
}

/** A request that is longer is passed on in parts, so that no connection waits for room to read the rest of it. */
const MOST_KEPT_BYTES = 1_048_576;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
const NINE = 0x39;
/** Longer numbers than the protocol allows anywhere. */
const MOST_DIGITS = 10;

/**
 * What the next byte is part of. `start`: nothing yet · `elements`, `length`: the number behind `*` or `$` · `element`: a
 * `$` must come · `value`: the bytes of an element and its line end · `inline`: a command as a line of words ·
 * `unknown`: none of it, for good.
 */
type Place = 'start' | 'elements' | 'element' | 'length' | 'value' | 'inline' | 'unknown';

/** Splits one connection's stream of RESP arrays and inline commands into requests. */
export class RequestSplitter {
  #place: Place = 'start';
  /** Of the request under way, from earlier chunks. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #number = 0;
  #digits = 0;
  #elementsLeft = 0;
  /** Of the value under way, its line end included. */
  #valueBytesLeft = 0;

  /** Takes what came in; gives what can go on. Pieces of what cannot be a request go on at once: the server will refuse it. */
  push(chunk: Buffer): RequestPiece[] {
    const pieces: RequestPiece[] = [];
    let from = 0;
    let at = 0;
    while (at < chunk.length && this.#place !== 'unknown') {
      if (this.#place === 'value') {
        const step = Math.min(this.#valueBytesLeft, chunk.length - at);
        this.#valueBytesLeft -= step;
        at += step;
        if (this.#valueBytesLeft > 0) break;
        this.#place = --this.#elementsLeft === 0 ? 'start' : 'element';
      } else {
        this.#place = this.#read(chunk[at] ?? 0);
        at++;
      }
      if (this.#place === 'start') {
        pieces.push({ bytes: this.#take(chunk.subarray(from, at)), endsRequest: true });
        from = at;
      }
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    if (this.#place === 'unknown' || this.#keptBytes > MOST_KEPT_BYTES) pieces.push(...this.rest());
    return pieces;
  }

  /** Takes what is kept of a request that never ended. */
  rest(): RequestPiece[] {
    return this.#keptBytes === 0 ? [] : [{ bytes: this.#take(undefined), endsRequest: false }];
  }

  /** Reads one byte outside of a value; gives the place of the next, `start` when it ended the request. */
  #read(byte: number): Place {
    switch (this.#place) {
      case 'start':
        if (byte === STAR) return this.#expectNumber('elements');
        return byte === LF ? 'start' : 'inline';
      case 'inline':
        return byte === LF ? 'start' : 'inline';
      case 'element':
        return byte === DOLLAR ? this.#expectNumber('length') : 'unknown';
      default:
        return this.#readNumber(byte);
    }
  }

  #expectNumber(place: 'elements' | 'length'): Place {
    this.#number = 0;
    this.#digits = 0;
    return place;
  }

  #readNumber(byte: number): Place {
    if (byte >= ZERO && byte <= NINE && this.#digits < MOST_DIGITS) {
      this.#number = this.#number * 10 + (byte - ZERO);
      this.#digits++;
      return this.#place;
    }
    if (byte === CR) return this.#place;
    if (byte !== LF || this.#digits === 0) return 'unknown';
    if (this.#place === 'elements') {
      this.#elementsLeft = this.#number;
      return this.#number === 0 ? 'start' : 'element';
    }
    this.#valueBytesLeft = this.#number + LINE_END_BYTES;
    return 'value';
  }

  #keep(bytes: Buffer): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
  }

  #take(last: Buffer | undefined): Buffer {
    const kept = this.#kept;
    if (kept.length === 0 && last !== undefined) return last;
    this.#kept = [];
    this.#keptBytes = 0;
    return Buffer.concat(last === undefined ? kept : [...kept, last]);
  }
}

const LINE_END_BYTES = 2;
