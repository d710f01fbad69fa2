import { expect, it } from 'vitest';
import { labelValues } from './level-labels.js';

it('names a file by its last part, and other values by themselves', () => {
  expect(labelValues(['./locks/mine.mjs', 'redlock', 'npm:@sesamecare-oss/redlock'])).toEqual([
    'mine.mjs',
    'redlock',
    'npm:@sesamecare-oss/redlock',
  ]);
});

it('numbers the same value when it comes again', () => {
  expect(labelValues(['./a/lock.mjs', 'redlock', './a/lock.mjs', './a/lock.mjs'])).toEqual([
    'lock.mjs',
    'redlock',
    'lock.mjs (2)',
    'lock.mjs (3)',
  ]);
});

it('names different files of the same name by as much of their paths as tells them apart', () => {
  expect(labelValues(['./before/lock.mjs', './after/lock.mjs', './other.mjs'])).toEqual([
    'before/lock.mjs',
    'after/lock.mjs',
    'other.mjs',
  ]);
  expect(labelValues(['/opt/redis-7/bin/redis-server', '/opt/redis-8/bin/redis-server'])).toEqual([
    'redis-7/bin/redis-server',
    'redis-8/bin/redis-server',
  ]);
});

it('takes the whole path where its end is that of another', () => {
  expect(labelValues(['./lock.mjs', './a/lock.mjs'])).toEqual(['./lock.mjs', 'a/lock.mjs']);
});

it('cuts a long command, but not where it is still the same as another', () => {
  const command = `process:python3 ${'x'.repeat(60)}.py --poll`;
  expect(labelValues([command, 'redlock'])).toEqual([`process:python3 ${'x'.repeat(31)}…`, 'redlock']);
  expect(labelValues([`${command} 1`, `${command} 2`])).toEqual([`${command} 1`, `${command} 2`]);
});
