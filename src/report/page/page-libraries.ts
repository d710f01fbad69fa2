/**
 * The libraries that a page carries: Vega, Vega-Lite, and the interpreter that spares Vega from compiling expressions.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EnvironmentError } from '../../model/errors.js';
import { scriptText } from './markup.js';

/** Reads them as classic scripts, in the order in which they must run. */
export async function readLibraries(): Promise<string[]> {
  const { resolve } = createRequire(import.meta.url);
  const read = async (file: string): Promise<string> => scriptText(await readFile(file, 'utf8'));
  const inBrowser = (name: string): string => path.join(path.dirname(resolve(name)), `${name}.min.js`);
  return Promise.all([
    read(inBrowser('vega')),
    read(inBrowser('vega-lite')),
    read(resolve('vega-interpreter')).then(asClassicScript),
  ]);
}

const IMPORT = /^import (\{[^}]*\}) from 'vega-util';\n/;
const EXPORT = /^export \{ (\w+) as expressionInterpreter \};$/m;

/** The interpreter comes as a module only; what it imports from vega-util stands in the global `vega`, too. */
function asClassicScript(module: string): string {
  if (!IMPORT.test(module) || !EXPORT.test(module)) {
    throw new EnvironmentError(
      'vega-interpreter: expected one import of vega-util and one export, got a module of another shape; install the version that package.json names',
    );
  }
  const body = module.replace(IMPORT, 'const $1 = vega;\n').replace(EXPORT, 'vega.expressionInterpreter = $1;');
  return `(function () {\n${body}})();\n`;
}
