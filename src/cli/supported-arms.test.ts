import { expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { readPlan } from './compare-plan.js';
import type { RawArguments } from './options.js';
import { keepSupportedArms } from './supported-arms.js';

async function problemsOf(raw: RawArguments): Promise<readonly string[]> {
  const error: unknown = await keepSupportedArms(readPlan(raw)).catch((thrown: unknown) => thrown);
  return error instanceof UsageError ? error.problems : [];
}

it('keeps a plan that every lock can follow', async () => {
  const plan = readPlan({ lock: 'redlock,set-nx-px', masters: '1' });
  expect(await keepSupportedArms(plan)).toEqual(plan);
});

it('leaves out an arm whose lock cannot have so many masters, and says so', async () => {
  const plan = await keepSupportedArms(readPlan({ lock: 'redlock,set-nx-px', masters: '1,3' }));
  expect(plan.arms.map(({ name }) => name)).toEqual(['redlock, N=1', 'redlock, N=3', 'set-nx-px, N=1']);
  expect(plan.remarks).toEqual([
    'set-nx-px, N=3 is left out: --lock set-nx-px: expected at most 1 master, got 3; use --masters 1',
  ]);
});

it('leaves out a lock that may leave keys on running masters, and a driver that nobody may kill', async () => {
  const running = readPlan({ lock: 'redlock,setnx,set-nx-px', endpoint: ['redis://127.0.0.1:1'] });
  expect((await keepSupportedArms(running)).remarks).toEqual([
    expect.stringMatching(/^setnx is left out: .* can leave keys behind/),
  ]);
  const killing = readPlan({ scenario: 'killed-holder', lock: 'redlock,redis-py,setnx' });
  expect((await keepSupportedArms(killing)).remarks).toEqual([
    expect.stringMatching(/^redis-py is left out: .* got a driver process/),
  ]);
});

it('refuses a plan of which nothing is left to compare, with all the reasons', async () => {
  expect(await problemsOf({ lock: 'redlock,set-nx-px,setnx', masters: '3' })).toEqual([
    '--lock set-nx-px: expected at most 1 master, got 3; use --masters 1',
    '--lock setnx: expected at most 1 master, got 3; use --masters 1',
    expect.stringMatching(/^compare: expected at least two things to compare, got 1 of 3 arms that can run/),
  ]);
});

it('refuses what is wrong rather than beyond a lock, once each', async () => {
  expect(await problemsOf({ lock: 'redlock,redlokc', masters: '1,3' })).toEqual([
    expect.stringMatching(/^--lock: expected one of redlock, .* got redlokc$/),
  ]);
  expect(
    await problemsOf({ lock: 'redlock,set-nx-px', masters: '1,3', threshold: ['acquire.response: p(99)'] }),
  ).toEqual(expect.arrayContaining([expect.stringMatching(/threshold/)]));
});

it('lets a defect through', async () => {
  const defect = new TypeError('a defect');
  await expect(keepSupportedArms(readPlan({ masters: '1,3' }), () => Promise.reject(defect))).rejects.toBe(defect);
});
