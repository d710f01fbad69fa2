/**
 * What a connection gathers in one tick, shared by connections that gather the same.
 *
 * @module
 */

/**
 * The byte string of the questions asked in one tick, in their order.
 *
 * The masters of a client are nearly always asked the same questions in the same order. So a batch remembers the one
 * that its last next question led to: connections that start from the same empty batch meet in the same batches, and
 * the text of a tick is joined, and brought into one piece by the first write, once for all of them. What it says is
 * compared by the identity of questions: comparing texts would cost what it saves.
 */
export class Batch {
  readonly text: string;
  #question: object | undefined;
  #next: Batch | undefined;

  constructor(text = '') {
    this.text = text;
  }

  /** This batch and one more question; `text` is the same for the same question. */
  with(question: object, text: string): Batch {
    if (this.#next !== undefined && this.#question === question) return this.#next;
    const next = new Batch(this.text + text);
    this.#question = question;
    this.#next = next;
    return next;
  }

  /** Lets go of what follows, so that the texts of a tick do not outlive it. */
  forget(): void {
    this.#question = undefined;
    this.#next = undefined;
  }
}
