/**
 * What every process of our own that runs beside the run is started with: its compiled entry, and its variables.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SECRET_VARIABLES } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';

/**
 * Finds the compiled entry of a child process by its room and its name: `servers/supervisor`.
 *
 * @throws EnvironmentError when it was not built
 */
export function childEntryPath(entry: string): string {
  // A child process cannot load TypeScript on Node 20, so sources under test use the build.
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/src/' : '../';
  const path = fileURLToPath(new URL(`${folder}${entry}.js`, import.meta.url));
  if (existsSync(path)) return path;
  throw new EnvironmentError(`${entry}: expected it at ${path}, got no file; run: npm run build`);
}

/** Debugger ports and preloaded hooks are meant for the run, and its credentials come with the endpoints or not at all. */
const WITHHELD: ReadonlySet<string> = new Set(['NODE_OPTIONS', ...SECRET_VARIABLES]);

/** The run's variables without those that a child must not have. */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !WITHHELD.has(name)));
}
