import { describe, expect, it } from 'vitest';
import { listLocks } from '../locks/registry.js';
import { traitsOf } from './known-locks.js';

const STRICT = {
  checksElapsed: true,
  isOnWallClock: false,
  releasesEverywhere: false,
  waitsForAll: false,
  hangsOnTies: false,
  promisesTooLong: false,
};
const ORDINARY = { renews: false, isEternal: false };

describe('what is known of a lock', () => {
  it('is the same for a library by whatever name it was asked for', () => {
    const late = { ...STRICT, checksElapsed: false, isOnWallClock: true, hangsOnTies: true, ...ORDINARY };
    const version = 'redlock 5.0.0-beta.2 on ioredis 6.0.0';
    expect(traitsOf('npm:redlock@5', version, ORDINARY)).toEqual(late);
    expect(traitsOf('npm:redlock@5:equal', version, ORDINARY)).toEqual(late);
    expect(traitsOf('npm:redlock@5.0.0-beta.2:equal', version, ORDINARY)).toEqual(late);
    expect(traitsOf('npm:redlock', version, ORDINARY)).toEqual(late);
    expect(traitsOf('npm:redlock:equal', 'redlock 4.2.0', ORDINARY).checksElapsed).toBe(true);
    expect(traitsOf('npm:@sesamecare-oss/redlock@1.4.0', '@sesamecare-oss/redlock 1.4.0', ORDINARY)).toEqual(late);
  });

  it('is nothing, so that everything is asked, of a lock of the user’s own', () => {
    expect(traitsOf('./my-lock.mjs', undefined, { renews: true, isEternal: false })).toEqual({
      ...STRICT,
      renews: true,
      isEternal: false,
    });
  });

  it('is something of every lock that is written here and runs in threads', () => {
    const written = listLocks().filter(({ kind, waitsFor }) => kind !== 'npm' && waitsFor === null);
    const known = written.map(({ name }) => name);
    const late = known.filter((name) => !traitsOf(name, undefined, ORDINARY).checksElapsed);
    expect(late).toEqual([
      'set-nx-px',
      'setnx',
      'setnx-then-expire',
      'setnx-expire-script',
      'setex',
      'get-then-del',
      'del-on-release',
    ]);
  });
});
