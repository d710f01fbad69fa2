/**
 * Records with one value for each of a fixed list of keys.
 *
 * @module
 */

/** Makes a record that has exactly these keys. */
export function keyed<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
