import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseEndpoint } from '../../model/endpoint.js';
import { seededRandom } from '../../model/random.js';
import { completeScenario } from '../../model/scenario.js';
import { msToNs } from '../../model/time.js';
import type { AcquireOutcome, LockContext } from '../lock-client.js';
import type { Driven } from './library.js';
import { SIMPLE_REDIS_MUTEX } from './simple-redis-mutex.js';

/** The library keeps one subscriber for all clients of a thread: each test has a copy of its own. */
function freshLibrary(): unknown {
  const require = createRequire(import.meta.url);
  const { name } = SIMPLE_REDIS_MUTEX.package;
  Reflect.deleteProperty(require.cache, require.resolve(name));
  return require(name);
}

/** A client whose SETs are answered when the test says so. */
class SlowClient {
  readonly tokens: string[] = [];
  readonly answers: ((reply: string | null) => void)[] = [];
  readonly deleted: unknown[] = [];
  subscribers = 0;
  isSubscriberGood = true;

  on = (): undefined => undefined;
  connect = async (): Promise<void> => undefined;
  quit = async (): Promise<void> => undefined;
  destroy = (): void => undefined;
  incr = async (): Promise<number> => 1;
  get = async (): Promise<null> => null;
  pExpire = async (): Promise<number> => 0;
  scriptLoad = async (): Promise<string> => 'sha';
  evalSha = async (): Promise<null> => null;
  eval = async (_script: string, { arguments: [token] }: { arguments: unknown[] }): Promise<number> =>
    this.deleted.push(token);
  set = (_key: string, token: string): Promise<string | null> => {
    this.tokens.push(token);
    return new Promise((resolve) => this.answers.push(resolve));
  };
  duplicate = () => {
    this.subscribers++;
    const settle = async (): Promise<void> => {
      if (!this.isSubscriberGood) throw new Error('connection refused');
    };
    const isOpen = this.isSubscriberGood;
    return { isOpen, on: () => undefined, connect: settle, subscribe: settle, destroy: () => undefined };
  };
}

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
let nowMs = 0;

beforeEach(() => {
  nowMs = 0;
  unhandled.length = 0;
  process.on('unhandledRejection', note);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  process.off('unhandledRejection', note);
});

/** Opens the lock, which polls every 100 ms for a second, and asks for it. */
async function ask(client: SlowClient) {
  const context: LockContext = {
    masters: [parseEndpoint('redis://127.0.0.1:1', { username: undefined, password: undefined })!],
    scenario: completeScenario({ acquireTimeoutMs: 1_000, retryDelayMs: 100, retryJitterMs: 0 }, 1),
    clock: { nowNs: () => msToNs(nowMs) },
    random: seededRandom(1),
    observer: {
      roundTrip: () => undefined,
      timedOut: () => undefined,
      failed: () => undefined,
      splitVote: () => undefined,
      votes: () => undefined,
      wokeUp: () => undefined,
    },
    connect: () => Promise.reject(new Error('not asked for')),
  };
  const driven: Driven = await SIMPLE_REDIS_MUTEX.open({
    library: freshLibrary(),
    client: { createClient: () => client },
    context,
    profile: 'equal',
  });
  const abort = new AbortController();
  const outcome: Promise<AcquireOutcome> = driven.acquire(['a'], 5_000, abort.signal);
  await pass(0);
  return { driven, outcome, abort };
}

/** Lets so much time go by, and lets everything happen that does by then. */
async function pass(ms: number): Promise<void> {
  nowMs += ms;
  await vi.advanceTimersByTimeAsync(ms);
}

it('is of the attempt that was granted: its token, and its time', async () => {
  const client = new SlowClient();
  const { outcome } = await ask(client);
  await pass(100);
  expect(client.tokens).toHaveLength(2);
  client.answers[0]!('OK');
  expect(await outcome).toMatchObject({
    status: 'acquired',
    attempts: 2,
    lock: { token: client.tokens[0], validUntilNs: msToNs(5_000) },
  });
});

it('is not known to be held while no attempt was answered', async () => {
  const client = new SlowClient();
  const { outcome } = await ask(client);
  await pass(1_000);
  expect(await outcome).toMatchObject({ status: 'indeterminate', attempts: client.tokens.length });

  const answering = new SlowClient();
  const second = await ask(answering);
  answering.answers[0]!(null);
  await pass(1_000);
  expect(await second.outcome).toEqual({ status: 'held', attempts: answering.tokens.length });
});

it('deletes what an attempt is granted after the abort', async () => {
  const client = new SlowClient();
  const { outcome, abort } = await ask(client);
  abort.abort();
  await pass(100);
  expect(await outcome).toEqual({ status: 'aborted', attempts: 1 });
  client.answers[0]!('OK');
  await pass(0);
  expect(client.deleted).toEqual(client.tokens);
});

it('opens no connection once it is closed, although it polls again', async () => {
  const client = new SlowClient();
  client.isSubscriberGood = false;
  const { driven, outcome } = await ask(client);
  expect(client.subscribers).toBe(1);
  await driven.close();
  await pass(100);
  expect(await outcome).toEqual({ status: 'aborted', attempts: 1 });
  expect(client.subscribers).toBe(1);
});

it('polls when it cannot subscribe', async () => {
  const client = new SlowClient();
  client.isSubscriberGood = false;
  const { outcome } = await ask(client);
  client.answers[0]!('OK');
  expect((await outcome).status).toBe('acquired');
  await pass(0);
  expect(unhandled).toEqual([]);
});
