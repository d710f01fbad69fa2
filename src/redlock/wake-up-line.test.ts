import { describe, expect, it } from 'vitest';
import { countCopy, enlist, newLine, Place, putFirst, takeNext } from './wake-up-line.js';

const isKin = (client: string): boolean => client.startsWith('kin');

describe('whose turn it is', () => {
  it('is the first client’s, and nobody’s when the line is empty', () => {
    const line = newLine('r');
    enlist(line, ['a', 'b', 'a']);
    expect(takeNext(line, 'me', isKin)).toBe('a');
    expect(takeNext(line, 'me', isKin)).toBe('b');
    expect(takeNext(line, 'me', isKin)).toBeUndefined();
  });

  it('goes to kin before strangers, four times in a row and no more', () => {
    const line = newLine('r');
    enlist(line, ['stranger', 'kin1', 'kin2', 'kin3', 'kin4', 'kin5', 'kin6']);
    const turns = Array.from({ length: 7 }, () => takeNext(line, 'me', isKin));
    expect(turns).toEqual(['kin1', 'kin2', 'kin3', 'kin4', 'stranger', 'kin5', 'kin6']);
  });

  it('comes to this client only while it has waiters', () => {
    const line = newLine('kin-resource');
    enlist(line, ['me', 'a']);
    expect(takeNext(line, 'me', isKin)).toBe('a');
    line.places.push(new Place(line, 1));
    enlist(line, ['b']);
    expect([takeNext(line, 'me', isKin), takeNext(line, 'me', isKin)]).toEqual(['b', 'me']);
  });

  it('puts the clients that came along before those that have told us since', () => {
    const line = newLine('r');
    enlist(line, ['c', 'b']);
    putFirst(line, ['a', 'b']);
    expect(line.clients).toEqual(['a', 'b', 'c']);
  });
});

describe('the copies of a turn', () => {
  it('are counted to the last master, and then forgotten', () => {
    const line = newLine('r');
    expect([1, 2, 3].map(() => countCopy(line, 'n1', 3))).toEqual([1, 2, 3]);
    expect(line.copies.size).toBe(0);
  });

  it('that never come to all masters are forgotten, the oldest first', () => {
    const line = newLine('r');
    for (let notice = 0; notice < 20; notice++) countCopy(line, `n${String(notice)}`, 3);
    expect([...line.copies.keys()]).toEqual(Array.from({ length: 8 }, (_, place) => `n${String(place + 12)}`));
  });
});
