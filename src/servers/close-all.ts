/**
 * The end of several things that were opened one after the other.
 *
 * @module
 */

/** Closes in the reverse order of opening, each even if another fails, and then throws the first failure. */
export async function closeAll(opened: (AsyncDisposable | Disposable)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const resource of opened.splice(0).reverse()) {
    try {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}
