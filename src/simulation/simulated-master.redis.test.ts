import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { msToNs, type Ns } from '../model/time.js';
import { Batch } from '../redlock/batch.js';
import type { Ballot, Master, Vote } from '../redlock/master.js';
import { startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import { wireMaster } from '../redlock/wire-master.js';
import { Composer } from '../redlock/wire-requests.js';
import { SimulatedMaster } from './simulated-master.js';
import { SimulatedServer } from './simulated-server.js';
import { WallClock } from './wall-clock.js';

/** Far longer than a schedule takes, and far shorter than its waits: no reply depends on how fast the machine is. */
const LONG_MS = 60_000;
const SHORT_MS = 40;
const WAIT_MS = 200;

type Step =
  | readonly [kind: 'set' | 'extend', token: string, ttlMs: number, keys?: readonly string[]]
  | readonly [kind: 'delete', token: string, keys?: readonly string[]]
  | readonly [kind: 'wait'];

const WAIT: Step = ['wait'];
const BOTH = ['k', 'l'];

const SCHEDULES: Readonly<Record<string, readonly Step[]>> = {
  'a free key is set': [['set', 'a', LONG_MS]],
  'a held key is not set, by another': [
    ['set', 'a', LONG_MS],
    ['set', 'b', LONG_MS],
  ],
  'nor by its owner': [
    ['set', 'a', LONG_MS],
    ['set', 'a', LONG_MS],
  ],
  'an expired key is set': [['set', 'a', SHORT_MS], WAIT, ['set', 'b', LONG_MS]],
  'a refusal does not lengthen the ttl': [['set', 'a', SHORT_MS], ['set', 'b', LONG_MS], WAIT, ['set', 'c', LONG_MS]],
  'its owner deletes a key': [
    ['set', 'a', LONG_MS],
    ['delete', 'a'],
    ['set', 'b', LONG_MS],
  ],
  'nobody else deletes it': [
    ['set', 'a', LONG_MS],
    ['delete', 'b'],
    ['set', 'b', LONG_MS],
  ],
  'an expired key is not deleted': [['set', 'a', SHORT_MS], WAIT, ['delete', 'a']],
  'a late deletion spares the next owner': [
    ['set', 'a', SHORT_MS],
    WAIT,
    ['set', 'b', LONG_MS],
    ['delete', 'a'],
    ['set', 'c', LONG_MS],
  ],
  'a missing key is not deleted': [['delete', 'a']],
  'a second deletion finds nothing': [
    ['set', 'a', LONG_MS],
    ['delete', 'a'],
    ['delete', 'a'],
  ],
  'its owner extends a key': [['set', 'a', SHORT_MS], ['extend', 'a', LONG_MS], WAIT, ['set', 'b', LONG_MS]],
  'an extension can shorten': [['set', 'a', LONG_MS], ['extend', 'a', SHORT_MS], WAIT, ['set', 'b', LONG_MS]],
  'nobody else extends it': [['set', 'a', SHORT_MS], ['extend', 'b', LONG_MS], WAIT, ['set', 'b', LONG_MS]],
  'an extension creates no key': [
    ['extend', 'a', LONG_MS],
    ['set', 'b', LONG_MS],
  ],
  'an expired key is not extended': [['set', 'a', SHORT_MS], WAIT, ['extend', 'a', LONG_MS], ['set', 'b', LONG_MS]],
  'a deleted key is not extended': [
    ['set', 'a', LONG_MS],
    ['delete', 'a'],
    ['extend', 'a', LONG_MS],
  ],
  'two keys are set together': [
    ['set', 'a', LONG_MS, BOTH],
    ['set', 'b', LONG_MS],
    ['set', 'b', LONG_MS, ['l']],
  ],
  'two keys are not set when one is held': [
    ['set', 'a', LONG_MS, ['l']],
    ['set', 'b', LONG_MS, BOTH],
    ['set', 'c', LONG_MS],
  ],
  'two keys are extended together or not at all': [
    ['set', 'a', SHORT_MS, BOTH],
    ['extend', 'a', LONG_MS, BOTH],
    WAIT,
    ['delete', 'a', ['l']],
    ['extend', 'a', LONG_MS, BOTH],
  ],
  'of two keys the own one is deleted': [
    ['set', 'a', LONG_MS],
    ['set', 'b', LONG_MS, ['l']],
    ['delete', 'a', BOTH],
    ['set', 'c', LONG_MS],
    ['set', 'c', LONG_MS, ['l']],
  ],
};

let servers: TestMaster[] = [];
let real: Master;

beforeAll(async () => {
  servers = await startMasters(1);
  const { path = '', url = '' } = servers[0] ?? {};
  const socket = { kind: 'unix', path } as const;
  const endpoint = { socket, username: undefined, password: undefined, database: 0 };
  const parts = { endpoint, name: url, commands: 'auto', random: seededRandom(1), nothing: new Batch() } as const;
  real = wireMaster(parts, new Composer(), 0);
  await real.connect();
});
afterAll(async () => {
  await real.close();
  await Promise.all(servers.map((server) => server.stop()));
});

/** A master whose messages take no time, in a time that only `pass` moves. */
function simulate(): { master: Master; pass: (ms: number) => void } {
  let nowNs: Ns = 0;
  const time = { nowNs: () => nowNs };
  const atOnce = (_delayNs: Ns, act: () => void): void => {
    act();
  };
  const server = new SimulatedServer(new WallClock(time, { offsetMs: 0.5, rate: 1 }));
  const link = { requestMs: 0, replyMs: 0, jitterMs: 0, lossShare: 0 };
  const passage = { ...time, atServer: atOnce, atClient: atOnce };
  const master = new SimulatedMaster({ server, index: 0, link, passage, random: seededRandom(1) });
  const pass = (ms: number): void => {
    nowNs += msToNs(ms);
  };
  return { master, pass };
}

/** The votes on every step; its keys are the schedule's own. */
async function replies(
  master: Master,
  steps: readonly Step[],
  pass: (ms: number) => unknown,
  name: string,
): Promise<string[]> {
  const votes: string[] = [];
  for (const step of steps) {
    if (step[0] === 'wait') {
      await pass(WAIT_MS);
      continue;
    }
    const keys = ((step[0] === 'delete' ? step[2] : step[3]) ?? ['k']).map((key) => `${name}:${key}`);
    const vote = await new Promise<Vote>((resolve) => {
      const ballot: Ballot = {
        isOpen: true,
        vote: (_master, given) => {
          resolve(given);
        },
      };
      if (step[0] === 'set') master.setIfAbsent(keys, step[1], step[2], ballot);
      else if (step[0] === 'extend') master.compareAndExpire(keys, step[1], step[2], ballot);
      else master.compareAndDelete(keys, step[1], ballot);
    });
    votes.push(vote.kind);
  }
  return votes;
}

it.concurrent.each(Object.entries(SCHEDULES))('as a real server: %s', async (name, steps) => {
  const { master, pass } = simulate();
  const simulated = await replies(master, steps, pass, name);
  expect(simulated).toEqual(await replies(real, steps, sleep, name));
  expect(simulated).not.toContain('failed');
});

it('ends a key a millisecond after its ttl by its clock, not before', async () => {
  const { master, pass } = simulate();
  expect(await replies(master, [['set', 'a', 100]], pass, 'x')).toEqual(['granted']);
  // The clock shows 0.5 ms, of which servers see 0: the key ends at 100 and is gone at 101.
  pass(100.4);
  expect(await replies(master, [['set', 'b', 100]], pass, 'x')).toEqual(['refused']);
  pass(0.1);
  expect(await replies(master, [['set', 'b', 100]], pass, 'x')).toEqual(['granted']);
});
