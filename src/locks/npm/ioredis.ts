/**
 * The ioredis clients that npm libraries are given: ours, one for each master, with ioredis's own defaults as users have
 * them.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { describeFailure, describeUnreachable } from '../../model/connection-failure.js';
import { describeEndpoint, type Endpoint } from '../../model/endpoint.js';
import { endpointOptions } from '../../model/endpoint-options.js';
import { EnvironmentError, toError } from '../../model/errors.js';
import { quorumOf } from '../../model/quorum.js';
import type { Clock, Ns } from '../../model/time.js';
import { CONNECT_TIMEOUT_MS, DISCONNECT_TIMEOUT_MS } from '../../redlock/limits.js';
import type { AcquireOutcome, LockContext } from '../lock-client.js';
import { within } from './within.js';

/** The version of the ioredis that is ours. */
export function ioredisVersion(): string {
  return (createRequire(import.meta.url)('ioredis/package.json') as { readonly version: string }).version;
}

/** Of a release or an extension. */
type NotOurs = { readonly status: 'lost' } | { readonly status: 'indeterminate'; readonly cause: Error };

/**
 * Connections, and what became of them: most libraries tell a held lock and dead masters by the same error, so whether
 * enough of them can have answered is told from here. A master that is connected and silent counts as one that answered.
 */
export class IoredisMasters {
  readonly clients: readonly Redis[];
  readonly #clock: Clock;
  readonly #quorum: number;
  /** For each master, when it last failed, lost its connection or got it back. */
  readonly #troubledNs: Ns[];
  /** When some master, nobody knows which, last refused a command. */
  #refusedNs: Ns = -Infinity;
  #cause = new Error('the connection was lost');

  private constructor(clients: readonly Redis[], clock: Clock) {
    this.clients = clients;
    this.#clock = clock;
    this.#quorum = quorumOf(clients.length);
    this.#troubledNs = clients.map(() => -Infinity);
  }

  /** @throws EnvironmentError when a master cannot be reached; the connections to the others are closed */
  static async connect(endpoints: readonly Endpoint[], clock: Clock): Promise<IoredisMasters> {
    // Where to connect, and nothing else: every other option is ioredis's default.
    const clients = endpoints.map((endpoint) => new Redis(endpointOptions(endpoint)));
    const masters = new IoredisMasters(clients, clock);
    try {
      await Promise.all(clients.map((client, index) => untilReady(client, endpoints[index] as Endpoint)));
    } catch (error) {
      for (const client of clients) client.disconnect();
      throw error;
    }
    clients.forEach((client, index) => {
      const note = (): void => {
        masters.#troubledNs[index] = clock.nowNs();
      };
      client.on('close', note).on('ready', note);
      client.on('error', (error: unknown) => {
        masters.#cause = withoutCommand(error);
      });
    });
    return masters;
  }

  /** Connects, and builds what locks on the connections; they are closed when that fails. */
  static async open<T>(
    { masters: endpoints, clock }: Pick<LockContext, 'masters' | 'clock'>,
    build: (masters: IoredisMasters) => T | Promise<T>,
  ): Promise<T> {
    const masters = await IoredisMasters.connect(endpoints, clock);
    try {
      return await build(masters);
    } catch (error) {
      await masters.close();
      throw error;
    }
  }

  /** Warms up what a library otherwise loads when its first hash is unknown, which it does, too, where this is forbidden. */
  async loadScripts(scripts: readonly string[]): Promise<void> {
    await Promise.allSettled(this.clients.flatMap((client) => scripts.map((script) => client.script('LOAD', script))));
  }

  /** A master failed a command, as the library showed. */
  failed(master: number, thrown: unknown): void {
    this.#cause = withoutCommand(thrown);
    this.#troubledNs[master] = this.#clock.nowNs();
  }

  /** Some master failed a command, as the library said without saying which. Lost connections are known already. */
  failedSomewhere(thrown: unknown): void {
    if (toError(thrown).name !== 'ReplyError') return;
    this.#cause = withoutCommand(thrown);
    this.#refusedNs = this.#clock.nowNs();
  }

  /** What a library's "not acquired" means: held, if a quorum can have said so since `sinceNs`. */
  notAcquired(sinceNs: Ns, attempts: number): AcquireOutcome {
    const cause = this.#whyFewerThan(this.#quorum, sinceNs);
    return cause === undefined ? { status: 'held', attempts } : { status: 'indeterminate', attempts, cause };
  }

  /**
   * What a library's "not released", or "not extended", means: lost, if every master can have answered since `sinceNs`.
   * A quorum that answers is not enough: the lock is lost when N−Q+1 masters say so, and who said what is not known.
   */
  notOurs(sinceNs: Ns): NotOurs {
    const cause = this.#whyFewerThan(this.clients.length, sinceNs);
    return cause === undefined ? { status: 'lost' } : { status: 'indeterminate', cause };
  }

  #whyFewerThan(count: number, sinceNs: Ns): Error | undefined {
    if (this.#refusedNs >= sinceNs) return this.#cause;
    const sound = this.clients.filter(
      (client, index) => client.status === 'ready' && (this.#troubledNs[index] as Ns) < sinceNs,
    );
    return sound.length >= count ? undefined : this.#cause;
  }

  async close(): Promise<void> {
    // QUIT waits for what is still under way: late releases on the masters beyond the quorum.
    await within(DISCONNECT_TIMEOUT_MS, Promise.allSettled(this.clients.map((client) => client.quit())));
    for (const client of this.clients) client.disconnect();
  }
}

/** Its words alone: ioredis hangs the failed command on an error, and that may be AUTH with its password. */
function withoutCommand(thrown: unknown): Error {
  return new Error(describeFailure(thrown));
}

/** Rejects with the first error, since ioredis itself would try for ever. */
async function untilReady(client: Redis, endpoint: Endpoint): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.on('error', reject);
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`));
      }, CONNECT_TIMEOUT_MS);
    });
  } catch (error) {
    throw new EnvironmentError(describeUnreachable(describeEndpoint(endpoint), describeFailure(error)), {
      cause: withoutCommand(error),
    });
  } finally {
    clearTimeout(timer);
  }
}
