// What is used of the peers that bring no types, or none that their `exports` let through.

declare module 'redlock4' {
  import type { EventEmitter } from 'node:events';
  import type { Redis } from 'ioredis';

  interface Lock {
    unlock(): Promise<void>;
  }
  class Redlock extends EventEmitter {
    constructor(clients: readonly Redis[]);
    lock(resource: string, ttlMs: number): Promise<Lock>;
  }
  export = Redlock;
}

declare module 'redlock5' {
  import type { EventEmitter } from 'node:events';
  import type { Redis } from 'ioredis';

  export interface Lock {
    release(): Promise<unknown>;
  }
  export default class Redlock extends EventEmitter {
    constructor(clients: readonly Redis[]);
    acquire(resources: string[], ttlMs: number): Promise<Lock>;
  }
}
