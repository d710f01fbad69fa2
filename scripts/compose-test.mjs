/**
 * `npm run test:compose`: every compose file on a real engine. Where none runs and this user is root on Debian, one is
 * installed, started for the time of the tests, and removed with all that it made. Otherwise skipped, with the reason.
 *
 * @module
 */
import path from 'node:path';
import process from 'node:process';
import { provideEngine } from './compose/engine.mjs';
import { runForeground } from './foreground.mjs';
import { ensureSetup } from './setup.mjs';
import { ROOT, SetupError } from './setup/command.mjs';

await ensureSetup();
const engine = await provideEngine().catch((error) => {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.output.trimEnd()}\nset-up: ${error.message}\n`.trimStart());
  process.exit(error.exitCode);
});
if ('reason' in engine) {
  process.stdout.write(`skipped: ${engine.reason}\n0 passed, 0 failed, 1 skipped\n`);
  // A skip must not look like a proof where an engine could have been installed.
  process.exitCode = process.env.CI === 'true' && engine.couldBeInstalled ? 1 : 0;
} else {
  try {
    const words = [path.join(ROOT, 'scripts/test.mjs'), '--config', 'vitest.compose.config.ts'];
    process.exitCode = await runForeground([...words, ...process.argv.slice(2)], {
      ...process.env,
      ...engine.environment,
    });
  } finally {
    await engine.stop();
  }
}
