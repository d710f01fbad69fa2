/**
 * Values from outside, before anything is known of them.
 *
 * @module
 */

/** Whether a value has keys that can be looked at: any object, an array too. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
