/**
 * JSON as this tool writes it: for people too, and with an end of line.
 *
 * @module
 */

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
