import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, ReplyError, RespReader, type RespValue } from './resp-reader.js';

/** What a reader made of some bytes, in order. */
type Heard = { readonly reply: RespValue } | { readonly push: readonly RespValue[] };

/** Reads pieces through one buffer that is used again, as a socket does, with old bytes behind the new ones. */
function readPieces(pieces: readonly Buffer[], reader?: RespReader, heard: Heard[] = []): Heard[] {
  const used =
    reader ??
    new RespReader({
      onReply: (reply) => heard.push({ reply }),
      onPush: (push) => heard.push({ push }),
    });
  const buffer = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)) + 16, '\r\n');
  for (const piece of pieces) {
    piece.copy(buffer);
    used.read(buffer, piece.length);
  }
  buffer.fill(0);
  return heard;
}

const read = (text: string): Heard[] => readPieces([Buffer.from(text)]);
const one = (text: string): RespValue => {
  const heard = read(text);
  expect(heard).toHaveLength(1);
  return (heard[0] as { reply: RespValue }).reply;
};

describe('a reply', () => {
  it.each<[string, RespValue]>([
    ['+OK\r\n', 'OK'],
    ['+PONG\r\n', 'PONG'],
    ['+\r\n', ''],
    [':0\r\n', 0],
    [':1\r\n', 1],
    [':10\r\n', 10],
    [':-7\r\n', -7],
    [':+7\r\n', 7],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['_\r\n', null],
    ['$0\r\n\r\n', ''],
    ['$2\r\n\r\n\r\n', '\r\n'],
    ['$7\r\nschlüs\r\n', 'schlüs'],
    [',1.5\r\n', 1.5],
    [',-1e-3\r\n', -0.001],
    [',inf\r\n', Infinity],
    [',-inf\r\n', -Infinity],
    [',nan\r\n', NaN],
    ['#t\r\n', true],
    ['#f\r\n', false],
    ['(3492890328409238509324850943850943825024385\r\n', '3492890328409238509324850943850943825024385'],
    ['=8\r\ntxt:Some\r\n', 'Some'],
    ['*0\r\n', []],
    ['*3\r\n:1\r\n*1\r\n$1\r\na\r\n_\r\n', [1, ['a'], null]],
    ['%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n', ['a', 1, 'b', []]],
    ['%0\r\n', []],
    ['~2\r\n+a\r\n+b\r\n', ['a', 'b']],
  ])('%j is read as %j', (text, value) => {
    expect(one(text)).toEqual(value);
  });

  it.each([
    ['-NOSCRIPT No matching script.\r\n', 'NOSCRIPT No matching script.'],
    ['!10\r\nERR a\r\n\r\nb\r\n', 'ERR a\r\n\r\nb'],
  ])('%j is an error with its message', (text, message) => {
    const error = one(text);
    expect(error).toBeInstanceOf(ReplyError);
    expect((error as ReplyError).message).toBe(message);
  });

  it('may hold errors, which are values of their list', () => {
    expect(one('*2\r\n-ERR a\r\n+b\r\n')).toEqual([new ReplyError('ERR a'), 'b']);
  });

  it('has no attributes: they are read and left out, before it and inside of it', () => {
    expect(read('|1\r\n+ttl\r\n:3\r\n+OK\r\n')).toEqual([{ reply: 'OK' }]);
    expect(one('*2\r\n|1\r\n+ttl\r\n*1\r\n:3\r\n:1\r\n|0\r\n:2\r\n')).toEqual([1, 2]);
  });
});

it('tells pushes from replies', () => {
  expect(read('+OK\r\n>3\r\n+message\r\n+c\r\n+hi\r\n:1\r\n>0\r\n')).toEqual([
    { reply: 'OK' },
    { push: ['message', 'c', 'hi'] },
    { reply: 1 },
  ]);
});

describe('what is no RESP, or too much of it, ends the reading', () => {
  it.each([
    ['an unknown type', 'HTTP/1.1 400 Bad Request\r\n'],
    ['a bare line feed', '+OK\n+OK\r\n'],
    ['a carriage return alone', '+O\rK\r\n'],
    ['words where digits belong', ':abc\r\n'],
    ['no digits', ':\r\n'],
    ['no length', '$\r\n'],
    ['a negative length', '$-2\r\n'],
    ['a fraction as length', '*1.5\r\n'],
    ['a length of many digits', `*${'9'.repeat(30)}\r\n`],
    ['a blob of terabytes', '$1099511627776\r\n'],
    ['a list of a milliard', '*1000000000\r\n'],
    ['a map of a milliard', '%1000000000\r\n'],
    ['lists in lists without end', '*1\r\n'.repeat(100)],
    ['many lists that are too much together', '*2\r\n$16000000\r\n'.padEnd(16_000_013, 'x') + '\r\n$16000000\r\n'],
    ['an error of length -1', '!-1\r\n'],
    ['a push of length -1', '>-1\r\n'],
    ['a map of length -1', '%-1\r\n'],
    ['a push inside of a list', '*1\r\n>1\r\n+a\r\n'],
    ['a streamed blob', '$?\r\n;4\r\nabcd\r\n;0\r\n'],
    ['a streamed list', '*?\r\n:1\r\n.\r\n'],
    ['a boolean that is neither', '#x\r\n'],
    ['a null with something', '_x\r\n'],
    ['a double that is none', ',1.2.3\r\n'],
    ['a blob longer than it says', '$2\r\nabc\r\n'],
    ['a verbatim text without its format', '=3\r\nabc\r\n'],
    ['a line without end', `+${'x'.repeat(70_000)}`],
    ['a line of 70,000 bytes', `+${'x'.repeat(70_000)}\r\n`],
  ])('%s', (_, text) => {
    expect(() => read(text)).toThrow(ProtocolError);
  });
});

it('keeps what a throwing sink has not heard yet', () => {
  const heard: Heard[] = [];
  const reader = new RespReader({
    onReply: (reply) => {
      heard.push({ reply });
      if (heard.length === 1) throw new Error('a fault of the sink');
    },
    onPush: () => undefined,
  });
  expect(() => readPieces([Buffer.from('+OK\r\n:1\r\n:0')], reader)).toThrow('a fault of the sink');
  readPieces([Buffer.from('\r\n')], reader);
  expect(heard).toEqual([{ reply: 'OK' }, { reply: 1 }, { reply: 0 }]);
});

it('reads a large blob in many chunks, and goes on after it', () => {
  const text = 'ü'.repeat(1_000_000);
  const bytes = Buffer.from(`$2000000\r\n${text}\r\n:1\r\n+O`);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1_000) pieces.push(bytes.subarray(at, at + 1_000));
  expect(readPieces([...pieces, Buffer.from('K\r\n')])).toEqual([{ reply: text }, { reply: 1 }, { reply: 'OK' }]);
});

const SHORT_TEXT = fc.string({ maxLength: 12, unit: 'grapheme' });
const LINE = SHORT_TEXT.map((text) => text.replace(/[\r\n]/g, ' '));
const { reply: VALUE } = fc.letrec<{ reply: RespValue; list: RespValue[] }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<RespValue>('OK', null, 0, 1, true, false, '', -1),
    fc.maxSafeInteger(),
    SHORT_TEXT,
    LINE.map((text) => new ReplyError(text)),
    tie('list'),
  ),
  list: fc.array(tie('reply'), { maxLength: 5 }),
}));

/** Writes a value as a server might: the types of RESP2 and RESP3 in turn. */
function encode(value: RespValue, variant: number): string {
  const blob = (type: string, text: string): string => `${type}${String(Buffer.byteLength(text))}\r\n${text}\r\n`;
  const attribute = variant % 7 === 3 ? '|1\r\n+a\r\n*2\r\n:1\r\n$-1\r\n' : '';
  if (value === null) return attribute + (['_\r\n', '$-1\r\n', '*-1\r\n'][variant % 3] ?? '');
  if (value === 'OK') return `${attribute}+OK\r\n`;
  if (typeof value === 'boolean') return `${attribute}#${value ? 't' : 'f'}\r\n`;
  if (typeof value === 'number') return `${attribute}${variant % 2 === 0 ? ':' : ','}${String(value)}\r\n`;
  if (typeof value === 'string') {
    return attribute + (variant % 2 === 0 ? blob('$', value) : blob('=', `txt:${value}`));
  }
  if (value instanceof ReplyError) {
    return attribute + (variant % 2 === 0 ? `-${value.message}\r\n` : blob('!', value.message));
  }
  const items = value.map((item, index) => encode(item, variant + index));
  const isMap = variant % 5 === 4 && items.length % 2 === 0;
  const header = isMap ? `%${String(items.length / 2)}` : `${'*~'[variant % 2] ?? '*'}${String(items.length)}`;
  return `${attribute}${header}\r\n${items.join('')}`;
}

/** Cuts bytes at the given places, wherever these lie. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
}

const MESSAGES = fc.array(fc.record({ value: VALUE, variant: fc.nat(1_000), isPush: fc.boolean() }), { maxLength: 8 });

function write(messages: readonly { value: RespValue; variant: number; isPush: boolean }[]): {
  bytes: Buffer;
  heard: Heard[];
} {
  let text = '';
  const heard: Heard[] = [];
  for (const { value, variant, isPush } of messages) {
    if (isPush) {
      text += `>2\r\n+note\r\n${encode(value, variant)}`;
      heard.push({ push: ['note', value] });
    } else {
      text += encode(value, variant);
      heard.push({ reply: value });
    }
  }
  return { bytes: Buffer.from(text), heard };
}

describe('fuzz', () => {
  it('any replies, cut anywhere, are read as they were written', () => {
    fc.assert(
      fc.property(MESSAGES, fc.array(fc.nat(), { maxLength: 20 }), (messages, places) => {
        const { bytes, heard } = write(messages);
        expect(readPieces(cut(bytes, places))).toEqual(heard);
      }),
      { numRuns: 500 },
    );
  });

  it('any replies, byte by byte, are read as they were written', () => {
    fc.assert(
      fc.property(MESSAGES, (messages) => {
        const { bytes, heard } = write(messages);
        expect(readPieces(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(heard);
      }),
      { numRuns: 200 },
    );
  });

  it('truncated replies give those that are whole, and the rest when it comes', () => {
    fc.assert(
      fc.property(MESSAGES, fc.nat(), (messages, place) => {
        const { bytes, heard } = write(messages);
        const at = place % (bytes.length + 1);
        const first = readPieces([bytes.subarray(0, at)]);
        expect(first).toEqual(heard.slice(0, first.length));
        expect(readPieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(heard);
      }),
      { numRuns: 300 },
    );
  });

  it('hostile bytes are a protocol error or wait for more, and are the same cut anywhere', () => {
    const token = fc.constantFrom('+', '-', ':', '$', '*', '%', '~', '>', '|', '!', '=', '(', ',', '#', '_', '\r\n');
    const piece = fc.oneof(token, fc.constantFrom('1', '0', '-1', '?', '99999999999', 'OK', 'txt:'), SHORT_TEXT);
    const outcome = (pieces: readonly Buffer[]): { heard: Heard[]; isBroken: boolean } => {
      const heard: Heard[] = [];
      const reader = new RespReader({
        onReply: (reply) => heard.push({ reply }),
        onPush: (push) => heard.push({ push }),
      });
      try {
        readPieces(pieces, reader);
        return { heard, isBroken: false };
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        return { heard, isBroken: true };
      }
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 6 }), (pieces, places) => {
        const bytes = Buffer.from(pieces.join(''));
        expect(outcome(cut(bytes, places))).toEqual(outcome([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });
});
