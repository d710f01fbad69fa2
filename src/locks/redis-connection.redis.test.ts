import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseEndpoint, type Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { eventually, startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import { connectRedis } from './redis-connection.js';

let master: TestMaster;

beforeAll(async () => {
  [master] = (await startMasters(1)) as [TestMaster];
});
afterAll(() => master.stop());

const settings = { nodeTimeoutMs: 2_000, random: seededRandom(1) };
const credentials = { username: undefined, password: undefined };
const endpoint = (url: string): Endpoint => parseEndpoint(url, credentials)!;

it('gives a connection that is ready', async () => {
  const redis = await connectRedis(endpoint(master.url), settings);
  expect(await redis.set('a', 'b', 'PX', 10_000, 'NX')).toBe('OK');
  expect(await redis.set('a', 'c', 'PX', 10_000, 'NX')).toBe(null);
  redis.disconnect();
});

it('rejects a command that is not answered within the node timeout', async () => {
  const redis = await connectRedis(endpoint(master.url), { ...settings, nodeTimeoutMs: 20 });
  await master.admin.call('CLIENT', 'PAUSE', '300', 'ALL');
  await expect(redis.get('a')).rejects.toThrow('timed out');
  redis.disconnect();
});

it('rejects commands while the master is away, sends none of them later, and connects again', async () => {
  const redis = await connectRedis(endpoint(master.url), settings);
  await master.kill();
  await expect(redis.set('late', '1')).rejects.toThrow();
  await eventually(() => redis.status === 'reconnecting');
  await expect(redis.set('late', '1')).rejects.toThrow();
  await master.restart();
  await eventually(() => redis.status === 'ready');
  expect(await redis.get('late')).toBe(null);
  redis.disconnect();
});

it('says why a master cannot be reached, without what was secret', async () => {
  const closed = { ...endpoint('unix:///no/such.sock'), password: 'canary' };
  await expect(connectRedis(closed, settings)).rejects.toThrow(EnvironmentError);
  await expect(connectRedis(closed, settings)).rejects.toThrow(/^unix:\/\/\/no\/such\.sock: expected .* got .*ENOENT/);
  const refused = connectRedis({ ...endpoint(master.url), username: 'nobody', password: 'canary' }, settings);
  const error: unknown = await refused.catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/expected a Redis server, got .*(WRONGPASS|AUTH)/);
  expect(inspect(error, { depth: 5 })).not.toContain('canary');
});
