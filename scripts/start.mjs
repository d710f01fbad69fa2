/**
 * `npm start`: set up what is missing, then do the main job, or the command that follows `--`.
 *
 * @module
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runForeground } from './foreground.mjs';
import { ensureSetup } from './setup.mjs';

const MAIN_JOB = ['run', 'tour'];

const given = process.argv.slice(2);
const startsWithCommand = given.length > 0 && !given[0].startsWith('-');
const args = startsWithCommand ? given : [...MAIN_JOB, ...given];

// Nothing is spawned for help or for endpoints that already run, and `--server` names the binary itself.
const needsServer = !given.some((argument) => /^--(help|version|endpoint|server)(=|$)/.test(argument));
await ensureSetup({ needsServer });
process.exitCode = await runForeground([fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url)), ...args]);
