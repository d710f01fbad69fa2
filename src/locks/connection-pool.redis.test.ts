import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseEndpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { systemClock } from '../model/time.js';
import { FaultyProxy } from '../redlock/faulty-proxy.fixture.js';
import { eventually, startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import { ConnectionPool } from './connection-pool.js';
import type { Caller } from './server-connection.js';

let master: TestMaster;
let proxy: FaultyProxy;
let pool: ConnectionPool;

beforeAll(async () => {
  [master] = (await startMasters(1)) as [TestMaster];
  proxy = await FaultyProxy.open(master.path);
});
afterAll(async () => {
  await proxy.close();
  await master.stop();
});
beforeEach(async () => {
  pool = await openPool(proxy.url);
});
afterEach(async () => {
  proxy.replies = 'pass';
  await pool.close();
});

async function openPool(url: string): Promise<ConnectionPool> {
  const endpoint = parseEndpoint(url, { username: undefined, password: undefined });
  const settings = { nodeTimeoutMs: 200, scripts: [], clock: systemClock, random: seededRandom(1) };
  return await ConnectionPool.open(endpoint!, settings);
}

const askId = (server: Caller): Promise<unknown> => server.call('CLIENT', 'ID');

it('lends one connection again and again, and others only to tasks that run at the same time', async () => {
  const first = await pool.use(askId);
  expect(await pool.use(askId)).toBe(first);
  const atOnce = await Promise.all([pool.use(askId), pool.use(askId), pool.use(askId)]);
  expect(new Set(atOnce).size).toBe(3);
  expect(atOnce).toContain(await pool.use(askId));
});

it('lends no connection that a task has failed on', async () => {
  const first = await pool.use(askId);
  proxy.replies = 'hold';
  await expect(pool.use(askId)).rejects.toThrow(/expected an answer within 200 ms/);
  proxy.replies = 'pass';
  expect(await pool.use(askId)).not.toBe(first);
});

it('lends no connection that has lost its server meanwhile', async () => {
  const first = await pool.use(askId);
  proxy.cut();
  // Long enough to notice the loss, and too short to connect again.
  for (let round = 0; round < 5; round++) await master.admin.ping();
  expect(await pool.use(askId)).not.toBe(first);
});

it('closes every connection, also one that is still being opened', async () => {
  const late = Promise.allSettled([pool.use(askId), pool.use(askId)]);
  await pool.close();
  await late;
  await eventually(async () => (await master.admin.info('clients')).includes('connected_clients:1\r'));
});

it('does not open without a server', async () => {
  await expect(openPool('unix:///nobody/listens')).rejects.toThrow(EnvironmentError);
});
