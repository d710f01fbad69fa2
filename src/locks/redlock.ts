/**
 * Our own client, as a lock to be measured.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { toolVersion } from '../model/host.js';
import { MOST_MASTERS } from '../model/scenario.js';
import { Lock } from '../redlock/lock.js';
import { Redlock } from '../redlock/redlock.js';
import type {
  AcquireOutcome,
  Capabilities,
  ExtendOutcome,
  HeldLock,
  LockAdapter,
  LockClient,
  LockRequest,
  ReleaseOutcome,
} from './lock-client.js';
import { wholeMs } from './whole-ttl.js';

const CAPABILITIES: Capabilities = { maxMasters: MOST_MASTERS, canExtend: true, canFence: true };

export const redlockAdapter: LockAdapter = {
  name: 'redlock',
  description: 'Redlock on N independent masters: all asked at once, settled at the quorum',
  capabilities: CAPABILITIES,
  version: versionOfTool(),
  async open({ masters, scenario, clock, random, observer }) {
    const redlock = new Redlock(masters, {
      transport: scenario.transport,
      commands: scenario.commands,
      wakeUp: scenario.wakeUp,
      nodeTimeoutMs: scenario.nodeTimeoutMs,
      acquireTimeoutMs: scenario.acquireTimeoutMs,
      retryDelayMs: scenario.retryDelayMs,
      retryJitterMs: scenario.retryJitterMs,
      clock,
      random,
      observer,
    });
    try {
      await redlock.connect(masters.length);
    } catch (error) {
      await redlock.close();
      throw error;
    }
    return new RedlockClient(redlock);
  },
};

class RedlockClient implements LockClient {
  readonly name = 'redlock';
  readonly capabilities = CAPABILITIES;
  readonly #redlock: Redlock;

  constructor(redlock: Redlock) {
    this.#redlock = redlock;
  }

  acquire({ resources, ttlMs, mode, fenced }: LockRequest, signal: AbortSignal): Promise<AcquireOutcome> {
    if (mode === 'shared') {
      return Promise.reject(new UsageError(['mode: expected exclusive, got shared; redlock has no shared mode']));
    }
    return this.#redlock.tryAcquire(resources, wholeMs(ttlMs), { signal, fencing: fenced });
  }

  async release(lock: HeldLock): Promise<ReleaseOutcome> {
    return await requireOwn(lock).release();
  }

  async extend(lock: HeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const own = requireOwn(lock);
    const outcome = await own.tryExtend(wholeMs(ttlMs));
    return outcome.status === 'extended' ? { status: 'extended', lock: own } : outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redlock.close();
  }
}

/** With its name, because a package named redlock exists. */
function versionOfTool(): string {
  const { name, version } = toolVersion();
  return `${name} ${version}`;
}

function requireOwn(lock: HeldLock): Lock {
  if (lock instanceof Lock) return lock;
  throw new UsageError([`lock: expected one that this client granted, got another on ${lock.resources.join(', ')}`]);
}
