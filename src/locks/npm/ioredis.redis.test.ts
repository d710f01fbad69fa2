import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseEndpoint } from '../../model/endpoint.js';
import { EnvironmentError } from '../../model/errors.js';
import { systemClock } from '../../model/time.js';
import { eventually, startMasters, type TestMaster } from '../../redlock/redis.fixture.js';
import { IoredisMasters } from './ioredis.js';

let servers: TestMaster[] = [];
let masters: IoredisMasters;

const endpoints = () => servers.map(({ url }) => parseEndpoint(url, { username: undefined, password: undefined })!);

beforeAll(async () => {
  servers = await startMasters(3);
  masters = await IoredisMasters.connect(endpoints(), systemClock);
});
afterAll(async () => {
  await masters.close();
  await Promise.all(servers.map((server) => server.stop()));
});

it('takes a failure for a held lock while a quorum can have answered, and for too few answers otherwise', async () => {
  const startNs = systemClock.nowNs();
  expect(masters.notAcquired(startNs, 2)).toEqual({ status: 'held', attempts: 2 });
  expect(masters.notOurs(startNs)).toEqual({ status: 'lost' });
  await servers[0]!.kill();
  await eventually(() => masters.clients[0]!.status !== 'ready');
  expect(masters.notAcquired(startNs, 2)).toEqual({ status: 'held', attempts: 2 });
  // Of three, one is gone, one may have deleted the key, and one refused: that is no N−Q+1 refusals.
  expect(masters.notOurs(startNs)).toEqual({ status: 'indeterminate', cause: expect.any(Error) as Error });
  await servers[1]!.kill();
  await eventually(() => masters.clients[1]!.status !== 'ready');
  const cause = expect.any(Error) as Error;
  expect(masters.notAcquired(startNs, 2)).toEqual({ status: 'indeterminate', attempts: 2, cause });
});

it('does not count a master that was away in between', async () => {
  const beforeNs = systemClock.nowNs();
  await Promise.all([servers[0]!.restart(), servers[1]!.restart()]);
  await eventually(() => masters.clients.every(({ status }) => status === 'ready'));
  expect(masters.notAcquired(beforeNs, 1).status).toBe('indeterminate');
  expect(masters.notAcquired(systemClock.nowNs(), 1).status).toBe('held');
});

it('counts what a library shows to have failed: master by master, or for all of them when it does not say which', () => {
  const startNs = systemClock.nowNs();
  const failure = new Error('timed out');
  masters.failed(0, failure);
  expect(masters.notAcquired(startNs, 1).status).toBe('held');
  masters.failed(1, failure);
  expect(masters.notAcquired(startNs, 1)).toEqual({ status: 'indeterminate', attempts: 1, cause: failure });

  const laterNs = systemClock.nowNs();
  masters.failedSomewhere(new Error('Connection is closed.'));
  expect(masters.notOurs(laterNs)).toEqual({ status: 'lost' });
  const refusal = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });
  masters.failedSomewhere(refusal);
  expect(masters.notOurs(laterNs)).toEqual({ status: 'indeterminate', cause: new Error('OOM command not allowed') });
});

it('refuses to connect while a master is down', async () => {
  await servers[2]!.kill();
  await expect(IoredisMasters.connect(endpoints(), systemClock)).rejects.toThrow(EnvironmentError);
});

it('shows no password when it cannot connect', async () => {
  const [endpoint] = endpoints();
  const refused = IoredisMasters.connect([{ ...endpoint!, username: 'nobody', password: 'canary' }], systemClock);
  const error: unknown = await refused.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(inspect(error, { depth: 5 })).not.toContain('canary');
});

it('warms up what it can, and leaves no connection behind when what is built on it fails', async () => {
  let built: IoredisMasters | undefined;
  const opening = IoredisMasters.open({ masters: endpoints().slice(0, 1), clock: systemClock }, async (opened) => {
    built = opened;
    await opened.loadScripts(['no script']);
    throw new Error('no such option');
  });
  await expect(opening).rejects.toThrow('no such option');
  await eventually(() => built?.clients[0]?.status === 'end');
});
