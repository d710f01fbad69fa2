import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LockListing } from '../model/lock-listing.js';
import { renderLocks } from './lock-list.js';

const REDLOCK: LockListing = {
  name: 'redlock',
  kind: 'own',
  description: 'Asks all masters at once',
  maxMasters: 99,
  canExtend: true,
  version: 'redlock-bench 0.1.0',
  isUnsafe: false,
  flaw: null,
  install: null,
  waitsFor: null,
};
const LOCKS: readonly LockListing[] = [
  REDLOCK,
  {
    ...REDLOCK,
    name: 'setex',
    kind: 'algorithm',
    description: 'SETEX with the ttl in whole seconds, and a release by a transaction that watches the key',
    maxMasters: 1,
    canExtend: false,
    version: null,
    isUnsafe: true,
    flaw: 'SETEX always succeeds, so it excludes nobody.',
  },
  { ...REDLOCK, name: 'npm:@sesamecare-oss/redlock', kind: 'npm', version: '@sesamecare-oss/redlock 1.4.0' },
  { ...REDLOCK, name: 'npm:ioredis-lock', kind: 'npm', version: null, install: 'npm install ioredis-lock@4.0.0' },
  { ...REDLOCK, name: 'redsync', kind: 'driver', version: null, waitsFor: 'a driver process in Go' },
];

const narrow = renderLocks(LOCKS, { color: false, columns: 80 });
const wide = renderLocks(LOCKS, { color: false, columns: 140 });

describe('the list of locks', () => {
  it('puts what there is to say of a lock below its row on a narrow terminal', () => {
    expect(narrow.split('\n').slice(0, -4)).toEqual([
      'lock                         kind       masters  extend  version',
      'redlock                      own        N        yes     redlock-bench 0.1.0',
      '  Asks all masters at once',
      '',
      'setex                        algorithm  1        no      –',
      '  SETEX with the ttl in whole seconds, and a release by a transaction that',
      '  watches the key',
      '  unsafe: SETEX always succeeds, so it excludes nobody.',
      '',
      'npm:@sesamecare-oss/redlock  npm        N        yes     1.4.0',
      '  Asks all masters at once',
      'npm:ioredis-lock             npm        N        yes     not installed',
      '  Asks all masters at once',
      '  install it: npm install ioredis-lock@4.0.0',
      '',
      'redsync                      driver     N        yes     not yet',
      '  Asks all masters at once',
      '  waits for a driver process in Go',
    ]);
  });

  it('and beside it on a wide one', () => {
    expect(wide.split('\n').slice(1, 6)).toEqual([
      'redlock                      own        N        yes     redlock-bench 0.1.0  Asks all masters at once',
      '',
      'setex                        algorithm  1        no      –                    SETEX with the ttl in whole seconds, and a release by a',
      `${' '.repeat(78)}transaction that watches the key`,
      `${' '.repeat(78)}unsafe: SETEX always succeeds, so it excludes nobody.`,
    ]);
  });

  it('fits the width', () => {
    for (const [text, columns] of [[narrow, 80] as const, [wide, 140] as const]) {
      expect(text.split('\n').filter((line) => [...line].length > columns)).toEqual([]);
    }
  });

  it('says how to go on', () => {
    expect(narrow.split('\n').slice(-3)).toEqual([
      'measure one:  redlock-bench run contended --lock NAME --masters 1',
      'your own:     redlock-bench locks --template > my-lock.mjs',
      'a driver:     redlock-bench run contended --lock process:"COMMAND" --masters 1',
    ]);
  });

  it('says the same with and without colour', () => {
    for (const columns of [80, 140]) {
      const painted = renderLocks(LOCKS, { color: true, columns });
      expect(painted).toContain('\u001b[33munsafe: ');
      expect(stripVTControlCharacters(painted).replace(/ +$/gm, '')).toBe(columns === 80 ? narrow : wide);
    }
    expect(narrow + wide).not.toContain('\u001b');
  });
});
