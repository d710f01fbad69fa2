/**
 * The guarded resource of an experiment: a witness and a fencing ledger in a process of their own.
 *
 * @module
 */
import { join } from 'node:path';
import type { LedgerReport, LedgerRule } from '../check/fencing-ledger.js';
import { OrderedProcess } from './ordered-process.js';
import type { WitnessReport } from './presence.js';
import type { ResourceOrder } from './resource-process.js';
import type { ResourceAddress } from './resource-protocol.js';

export interface ResourceReport {
  readonly witness: WitnessReport;
  readonly ledger: LedgerReport;
}

export interface ResourceOptions {
  /** For the socket; it is the caller's to remove. */
  readonly folder: string;
  /** Default: first-touch. */
  readonly rule?: LedgerRule;
}

/** The experiment's side of the resource. Disposing ends its process. */
export class GuardedResource implements AsyncDisposable {
  /** A unix socket; a proxy may stand in front of it. */
  readonly address: ResourceAddress & { readonly kind: 'unix' };
  readonly #process: OrderedProcess;

  private constructor(process: OrderedProcess, path: string) {
    this.#process = process;
    this.address = { kind: 'unix', path };
  }

  /** @throws EnvironmentError when the process does not start, or cannot listen in that folder */
  static async start(options: ResourceOptions, environment: NodeJS.ProcessEnv): Promise<GuardedResource> {
    const { folder, rule = 'first-touch' } = options;
    const path = join(folder, 'resource.sock');
    const child = await OrderedProcess.start({ entry: 'resource-process', name: 'guarded resource', environment });
    try {
      const open: ResourceOrder = { kind: 'open', path, rule };
      await child.order(open);
      return new GuardedResource(child, path);
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What was seen so far. */
  async report(): Promise<ResourceReport> {
    const order: ResourceOrder = { kind: 'report' };
    return (await this.#process.order(order)) as ResourceReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
