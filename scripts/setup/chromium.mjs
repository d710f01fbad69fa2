/**
 * Chromium, in which the pages of reports are tested. Without it those tests are skipped, with their reason.
 *
 * @module
 */
import process from 'node:process';
import { aptInstaller, installPackages } from './apt.mjs';
import { announce, isOnPath, runCommand, SetupError } from './command.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGE = 'chromium';

/** Installs it where that needs nobody's help: vitest calls this before the first of these tests. */
export async function setup() {
  if (hasChromium()) return;
  const aptGet = await aptInstaller();
  if (aptGet === undefined) {
    announce('no Chromium on PATH and no right to install one, so the tests of the pages are skipped');
    return;
  }
  announce(`installing Chromium for the tests of the pages (apt-get install ${PACKAGE})`);
  // The face that the charts' text is measured with.
  const installed = await installPackages(aptGet, [PACKAGE, 'fonts-dejavu-core']);
  let { ending, output } = installed;
  if (installed.succeeded) {
    // A browser that cannot start would fail every test with a riddle; Ubuntu's package only points to a snap.
    const started = await runCommand(PACKAGE, ['--version']);
    if (started.succeeded) {
      announce(`installed ${started.output.trim().split('\n').pop()}`);
      return;
    }
    ({ ending, output } = started);
  }
  const said = `expected Chromium on PATH, got none that starts from the package ${PACKAGE} (${ending})`;
  if (process.env.CI) throw new SetupError(`${said}; install it by hand\n${output}`);
  announce(`${said}; the tests of the pages will be skipped`);
}

function hasChromium() {
  return NAMES.some(isOnPath);
}
