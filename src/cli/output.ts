/**
 * Where a command writes and what it prints.
 *
 * @module
 */
import path from 'node:path';
import { wallClockMs } from '../model/time.js';
import type { RawArguments } from './options.js';

/** What the options outside of the scenario ask for. */
export interface Output {
  readonly directory: string;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/** Reads them; without --out the folder is a new one in results/, named after the time and the work. */
export function readOutput(raw: RawArguments, name: string): Output {
  const time = new Date(wallClockMs())
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[:T]/g, '-');
  return {
    directory: typeof raw['out'] === 'string' ? raw['out'] : path.join('results', `${time}-${name}`),
    isJson: raw['json'] === true,
    isQuiet: raw['quiet'] === true || raw['json'] === true,
  };
}
