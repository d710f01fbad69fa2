/**
 * A contender's operations, told to the experiment as they go on.
 *
 * @module
 */
import type { HistoryWriter } from '../load/history-writer.js';
import { blankOperation, type Operation, type ReusedOperation } from '../model/operation.js';
import type { Clock } from '../model/time.js';
import type { OperationNote } from './contender-protocol.js';
import type { Notify } from './order-service.js';

/** An operation that is being filled in. */
export interface Entry {
  readonly number: number;
  readonly operation: ReusedOperation;
}

export class OperationLog {
  readonly #worker: number;
  readonly #clock: Clock;
  readonly #notify: Notify;
  readonly #history: HistoryWriter | undefined;
  readonly #entries: Entry[] = [];
  /** What is under way, by its slot: the history tells one hold at a time of each. */
  readonly #slots: (Entry | undefined)[] = [];

  constructor(worker: number, clock: Clock, notify: Notify, history: HistoryWriter | undefined) {
    this.#worker = worker;
    this.#clock = clock;
    this.#notify = notify;
    this.#history = history;
  }

  begin(keyIndex: number): Entry {
    const invokedNs = this.#clock.nowNs();
    const free = this.#slots.indexOf(undefined);
    const slot = free === -1 ? this.#slots.length : free;
    const operation = blankOperation(this.#worker, slot);
    Object.assign(operation, { keyIndex, status: 'unfinished', intendedNs: invokedNs, invokedNs });
    const entry = { number: this.#entries.length, operation };
    this.#entries.push(entry);
    this.#slots[slot] = entry;
    return entry;
  }

  /** Tells how far the operation got. */
  tell({ number, operation }: Entry): void {
    const note: OperationNote = { kind: 'operation', number, operation };
    this.#notify(note);
  }

  /** Nothing more will become of the operation. */
  end(entry: Entry): void {
    this.tell(entry);
    this.#slots[entry.operation.slot] = undefined;
    this.#history?.record(entry.operation);
  }

  /** Brings the history to where it survives the death of this process. Called every second. */
  flush(): void {
    this.#history?.flush(this.#clock.nowNs(), this.#underWay());
  }

  /** Ends the history; what is held now was held until now. */
  close(): void {
    const nowNs = this.#clock.nowNs();
    for (const operation of this.#underWay()) {
      if (operation.status !== 'acquired') continue;
      this.#history?.record({ ...operation, releaseInvokedNs: operation.releaseInvokedNs ?? nowNs });
    }
    this.#history?.end();
  }

  /** All of them as they are now; one that still waits for its lock has waited until now. */
  all(): readonly Operation[] {
    const nowNs = this.#clock.nowNs();
    return this.#entries.map(({ operation }) =>
      operation.returnedNs === 0 ? { ...operation, returnedNs: nowNs } : operation,
    );
  }

  #underWay(): Operation[] {
    return this.#slots.flatMap((entry) => entry?.operation ?? []);
  }
}
