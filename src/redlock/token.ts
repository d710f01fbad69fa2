/**
 * Tokens: the random values that own locks.
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';

const TOKEN_BYTES = 20;
const TOKENS_PER_FILL = 256;

/**
 * Hands out tokens of 20 random bytes, base64url, from a pool that the system's generator fills 256 at a time: one
 * call of the generator for each token would cost more than the rest of an attempt. Never seeded, because a token that
 * two clients share is a lock that both of them can release.
 */
export class TokenPool {
  readonly #bytes = Buffer.alloc(TOKEN_BYTES * TOKENS_PER_FILL);
  readonly #prefix: string;
  #next = this.#bytes.length;

  /** @param prefix begins every token; it may name the client, which the random part must not do without */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  take(): string {
    if (this.#next === this.#bytes.length) {
      randomFillSync(this.#bytes);
      this.#next = 0;
    }
    const start = this.#next;
    this.#next += TOKEN_BYTES;
    return this.#prefix + this.#bytes.toString('base64url', start, this.#next);
  }
}
