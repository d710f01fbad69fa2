/**
 * What waits for a reply on one connection, in the order in which it was written.
 *
 * @module
 */

const FIRST_CAPACITY = 256;

/**
 * A first-in-first-out ring of pairs: what was asked, and for whom. Two arrays instead of one of pairs, because a pair
 * would be an allocation for every command; a ring, because `Array.shift` moves what it leaves.
 */
export class ReplyQueue<Question, Asker> {
  #questions = new Array<Question | undefined>(FIRST_CAPACITY).fill(undefined);
  #askers = new Array<Asker | undefined>(FIRST_CAPACITY).fill(undefined);
  /** The capacity is a power of two, so that its mask wraps an index. */
  #mask = FIRST_CAPACITY - 1;
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who asked the question at the head; read it before `drop`. */
  get asker(): Asker | undefined {
    return this.#askers[this.#head];
  }

  /** The question at the head; undefined when none waits. */
  get question(): Question | undefined {
    return this.#questions[this.#head];
  }

  push(question: Question, asker: Asker): void {
    if (this.#size > this.#mask) this.#grow();
    const tail = (this.#head + this.#size) & this.#mask;
    this.#questions[tail] = question;
    this.#askers[tail] = asker;
    this.#size++;
  }

  /** Lets go of the head; there must be one. */
  drop(): void {
    this.#questions[this.#head] = undefined;
    this.#askers[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size--;
  }

  #grow(): void {
    const inOrder = <T>(ring: readonly T[]): T[] => [...ring.slice(this.#head), ...ring.slice(0, this.#head)];
    const room = new Array<undefined>(this.#size).fill(undefined);
    this.#questions = [...inOrder(this.#questions), ...room];
    this.#askers = [...inOrder(this.#askers), ...room];
    this.#mask = 2 * this.#size - 1;
    this.#head = 0;
  }
}
