/**
 * The text that INFO answers, read.
 *
 * @module
 */

/** The fields of INFO by name. */
export type ServerInfo = ReadonlyMap<string, string>;

/** Reads `name:value` lines; section titles and blank lines carry no field. */
export function parseInfo(text: string): ServerInfo {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** A field as a number; 0 when it is absent or no number. */
export function infoNumber(info: ServerInfo, field: string): number {
  const value = Number(info.get(field) ?? 0);
  return Number.isFinite(value) ? value : 0;
}
