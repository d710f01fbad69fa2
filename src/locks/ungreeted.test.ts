/** Connections of locks to a server that takes a reconnection and says nothing. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { seededRandom } from '../model/random.js';
import { systemClock } from '../model/time.js';
import { eventually } from '../redlock/redis.fixture.js';
import { answerPlainly, ScriptedServer } from '../redlock/scripted-server.fixture.js';
import { connectRedis } from './redis-connection.js';
import { ServerConnection } from './server-connection.js';

vi.mock('../redlock/limits.js', async (original) => ({ ...(await original<object>()), CONNECT_TIMEOUT_MS: 500 }));

const settings = { nodeTimeoutMs: 5_000, scripts: [], clock: systemClock, random: seededRandom(1) };
let server: ScriptedServer;

beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(() => server.stop());

/** Breaks the connection, and greets none until a second one was tried. */
async function staySilent(): Promise<void> {
  const before = server.connections;
  server.answer = () => undefined;
  server.hangUp();
  await eventually(() => server.connections >= before + 2);
  server.answer = answerPlainly;
}

it('gives up one that is never greeted, and connects again', async () => {
  const connection = await ServerConnection.open(server.endpoint, settings);
  await staySilent();
  await eventually(() => connection.isReady);
  expect(await connection.call('SET', 'a', 'b')).toBe('OK');
  await connection.close();
});

it('does so for locks that stand outside of this package, too', async () => {
  // The timeout of commands holds for the handshake of a reconnection, and would end this one late.
  const redis = await connectRedis(server.endpoint, { ...settings, nodeTimeoutMs: 60_000 });
  await staySilent();
  await eventually(() => redis.status === 'ready');
  expect(await redis.set('a', 'b')).toBe('OK');
  redis.disconnect();
});
