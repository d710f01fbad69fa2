/**
 * Reads what a Redis server sends: RESP2 and RESP3, split at any byte.
 *
 * @module
 */

/**
 * A value of the protocol. A map comes as its keys and values in turn, which is how RESP2 sends it, a set as a list, a
 * big number as its digits. An integer beyond 2⁵³ is rounded.
 */
export type RespValue = string | number | boolean | null | ReplyError | readonly RespValue[];

/** Who is told what was read. It may throw: what was not yet read is kept for the next `read`. */
export interface RespSink {
  onReply(value: RespValue): void;
  /** Something that no command asked for, such as a published message. */
  onPush(items: readonly RespValue[]): void;
}

/** An error that the server sent as a reply. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

/** The bytes are no RESP, or are more than any reply to us can be; nothing after them can be understood. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** What one reply may hold, in bytes and elements together: enough for any reply to us, and memory is finite. */
const MOST_IN_REPLY = 16 * 1_024 * 1_024;
const LONGEST_LINE_BYTES = 64 * 1_024;
const DEEPEST = 32;
const FIRST_KEPT_BYTES = 1_024;

const CR = 13;
const LF = 10;
const PLUS = code('+');
const DOLLAR = code('$');
const MINUS = code('-');
const COLON = code(':');
const UNDERSCORE = code('_');
const ZERO = code('0');
const ONE = code('1');
const UPPER_O = code('O');
const UPPER_K = code('K');

/** The value goes on beyond the bytes that are here. */
const INCOMPLETE = Symbol('incomplete');
/** No value yet: its elements follow, or it was an empty attribute. */
const OPENED = Symbol('opened');

/** An aggregate whose elements are still being read. */
interface Frame {
  readonly kind: 'list' | 'attribute' | 'push';
  readonly size: number;
  readonly items: RespValue[];
}

/**
 * Turns chunks of bytes into replies.
 *
 * The replies to nearly all our commands are `OK`, null, 0 and 1: those are recognised by their bytes and allocate
 * nothing. Everything else takes one step for each scalar or header, and open aggregates lie on a stack; so bytes are
 * looked at again only for the one scalar that a chunk broke off in.
 */
export class RespReader {
  readonly #sink: RespSink;
  readonly #frames: Frame[] = [];
  /** The start of a value that the last chunk broke off in: a copy, because sockets use their buffer again. */
  #kept = Buffer.allocUnsafe(FIRST_KEPT_BYTES);
  #keptBytes = 0;
  /** So many bytes are needed at least before the kept value can be complete. */
  #neededBytes = 0;
  /** What is left of MOST_IN_REPLY. */
  #budget = MOST_IN_REPLY;
  /** Where the value that was read last ends. */
  #next = 0;

  constructor(sink: RespSink) {
    this.#sink = sink;
  }

  /**
   * Reads the first `bytes` of a chunk, which is the caller's again afterwards.
   *
   * @throws ProtocolError after which this reader is of no more use; and whatever the sink throws
   */
  read(chunk: Buffer, bytes: number): void {
    if (this.#keptBytes === 0) {
      this.#readAll(chunk, bytes);
      return;
    }
    const total = this.#keptBytes + bytes;
    if (total > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, this.#neededBytes, 2 * this.#kept.length));
      this.#kept.copy(larger, 0, 0, this.#keptBytes);
      this.#kept = larger;
    }
    chunk.copy(this.#kept, this.#keptBytes, 0, bytes);
    this.#keptBytes = total;
    if (total >= this.#neededBytes) this.#readAll(this.#kept, total);
  }

  #readAll(data: Buffer, end: number): void {
    let at = 0;
    // Zero while the sink is called: one that reads on from there (it must not) would otherwise read bytes twice.
    this.#keptBytes = 0;
    this.#neededBytes = 0;
    try {
      while (at < end) {
        if (this.#frames.length === 0) {
          const type = data[at];
          if (type === PLUS) {
            // prettier-ignore
            if (end - at >= 5 && data[at + 1] === UPPER_O && data[at + 2] === UPPER_K && data[at + 3] === CR && data[at + 4] === LF) {
              at += 5;
              this.#sink.onReply('OK');
              continue;
            }
          } else if (type === COLON) {
            const digit = data[at + 1];
            // prettier-ignore
            if (end - at >= 4 && (digit === ZERO || digit === ONE) && data[at + 2] === CR && data[at + 3] === LF) {
              at += 4;
              this.#sink.onReply(digit === ONE ? 1 : 0);
              continue;
            }
          } else if (type === UNDERSCORE) {
            if (end - at >= 3 && data[at + 1] === CR && data[at + 2] === LF) {
              at += 3;
              this.#sink.onReply(null);
              continue;
            }
          } else if (type === DOLLAR) {
            // prettier-ignore
            if (end - at >= 5 && data[at + 1] === MINUS && data[at + 2] === ONE && data[at + 3] === CR && data[at + 4] === LF) {
              at += 5;
              this.#sink.onReply(null);
              continue;
            }
          }
        }
        const value = this.#readStep(data, at, end);
        if (value === INCOMPLETE) break;
        at = this.#next;
        if (value !== OPENED) this.#deliver(value);
      }
    } finally {
      this.#keep(data, at, end);
    }
  }

  #keep(data: Buffer, at: number, end: number): void {
    const bytes = end - at;
    this.#keptBytes = bytes;
    this.#neededBytes -= at;
    if (data === this.#kept) {
      // A large reply is over: its memory is given back.
      if (bytes < FIRST_KEPT_BYTES && data.length > LONGEST_LINE_BYTES)
        this.#kept = Buffer.from(data.subarray(at, end));
      else data.copyWithin(0, at, end);
    } else if (bytes > 0) {
      if (bytes > this.#kept.length) this.#kept = Buffer.allocUnsafe(2 * bytes);
      data.copy(this.#kept, 0, at, end);
    }
  }

  /** Puts a value into the innermost open aggregate; what that completes goes one further out, at last to the sink. */
  #deliver(value: RespValue): void {
    let item = value;
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) {
        this.#budget = MOST_IN_REPLY;
        this.#sink.onReply(item);
        return;
      }
      frame.items.push(item);
      if (frame.items.length < frame.size) return;
      this.#frames.pop();
      // An attribute says something about the value that follows; nothing of it concerns us.
      if (frame.kind === 'attribute') return;
      if (frame.kind === 'push') {
        this.#budget = MOST_IN_REPLY;
        this.#sink.onPush(frame.items);
        return;
      }
      item = frame.items;
    }
  }

  /** Reads one scalar, or the header of an aggregate, and says in `#next` where it ends. */
  #readStep(data: Buffer, at: number, end: number): RespValue | typeof INCOMPLETE | typeof OPENED {
    // Beyond `end` lie old bytes of a buffer that is used again: a line end found there is none.
    const lineEnd = data.indexOf(CR, at + 1);
    if (lineEnd === -1 || lineEnd >= end - 1) {
      if (end - at > LONGEST_LINE_BYTES) throw new ProtocolError('expected the end of a line, got a longer line');
      return INCOMPLETE;
    }
    if (data[lineEnd + 1] !== LF) throw new ProtocolError('expected a line feed after a carriage return');
    const type = String.fromCharCode(data[at] ?? 0);
    this.#next = lineEnd + 2;
    switch (type) {
      case '+':
        return this.#line(data, at, lineEnd);
      case '-':
        return new ReplyError(this.#line(data, at, lineEnd));
      case ':':
        return Number(matched(INTEGER, this.#line(data, at, lineEnd)));
      case '(':
        return matched(INTEGER, this.#line(data, at, lineEnd));
      case ',':
        return toDouble(this.#line(data, at, lineEnd));
      case '#':
        return matched(BOOLEAN, this.#line(data, at, lineEnd)) === 't';
      case '_':
        matched(NOTHING, this.#line(data, at, lineEnd));
        return null;
      case '$':
      case '!':
      case '=':
        return this.#readBlob(type, data, this.#size(data, at, lineEnd), end);
      case '*':
      case '~':
        return this.#open('list', this.#size(data, at, lineEnd));
      case '%':
        return this.#open('list', this.#size(data, at, lineEnd), 2);
      case '|':
        return this.#open('attribute', this.#size(data, at, lineEnd), 2);
      case '>':
        if (this.#frames.length > 0) throw new ProtocolError('expected a value, got a push inside of another value');
        return this.#open('push', this.#size(data, at, lineEnd));
      default:
        throw new ProtocolError(`expected a type of RESP, got byte ${String(data[at])}`);
    }
  }

  #line(data: Buffer, at: number, lineEnd: number): string {
    if (lineEnd - at > LONGEST_LINE_BYTES) throw new ProtocolError('expected the end of a line, got a longer line');
    this.#spend(lineEnd - at);
    const line = data.toString('utf8', at + 1, lineEnd);
    if (line.includes('\n')) throw new ProtocolError('expected a carriage return before a line feed');
    return line;
  }

  /** The length in a header; null for −1. Streamed values, whose length is `?`, are sent by no server to a client. */
  #size(data: Buffer, at: number, lineEnd: number): number | null {
    if (lineEnd - at > 20) throw new ProtocolError('expected a length, got a longer line');
    const size = Number(matched(SIZE, data.toString('latin1', at + 1, lineEnd)));
    return size === -1 ? null : size;
  }

  #readBlob(type: '$' | '!' | '=', data: Buffer, size: number | null, end: number): RespValue | typeof INCOMPLETE {
    if (size === null) {
      if (type !== '$') throw new ProtocolError('expected a length from 0, got -1');
      return null;
    }
    if (size > this.#budget) throw new ProtocolError(`expected a reply of a bearable size, got ${String(size)} bytes`);
    const start = this.#next;
    const stop = start + size;
    if (stop + 2 > end) {
      this.#neededBytes = stop + 2;
      return INCOMPLETE;
    }
    if (data[stop] !== CR || data[stop + 1] !== LF) throw new ProtocolError('expected a line end after a blob');
    this.#spend(size);
    this.#next = stop + 2;
    const text = data.toString('utf8', start, stop);
    if (type === '$') return text;
    if (type === '!') return new ReplyError(text);
    // Verbatim: three characters name the format, and a colon.
    return matched(VERBATIM, text).slice(4);
  }

  #open(kind: Frame['kind'], size: number | null, valuesEach = 1): RespValue | typeof OPENED {
    if (size === null) {
      if (kind !== 'list' || valuesEach > 1) throw new ProtocolError('expected a length from 0, got -1');
      return null;
    }
    if (this.#frames.length >= DEEPEST) {
      throw new ProtocolError(`expected at most ${String(DEEPEST)} nested values, got more`);
    }
    this.#spend(size * valuesEach);
    const items: RespValue[] = [];
    if (size > 0) this.#frames.push({ kind, size: size * valuesEach, items });
    else if (kind === 'list') return items;
    return OPENED;
  }

  #spend(amount: number): void {
    this.#budget -= amount;
    if (this.#budget < 0) throw new ProtocolError(`expected a reply of a bearable size, got ${String(amount)} more`);
  }
}

const INTEGER = /^[+-]?\d+$/;
const SIZE = /^(?:-1|\d+)$/;
const BOOLEAN = /^[tf]$/;
const NOTHING = /^$/;
const VERBATIM = /^...:/s;
const DOUBLE = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf|nan)$/i;

function matched(pattern: RegExp, text: string): string {
  if (pattern.test(text)) return text;
  throw new ProtocolError(`expected a line like ${pattern.source}, got ${JSON.stringify(text.slice(0, 40))}`);
}

function toDouble(text: string): number {
  return Number(matched(DOUBLE, text).replace(/inf/i, 'Infinity').replace(/nan/i, 'NaN'));
}

function code(character: string): number {
  return character.charCodeAt(0);
}
