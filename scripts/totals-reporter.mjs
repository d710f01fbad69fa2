/**
 * A reporter for vitest that writes how many tests passed, failed and were skipped to the file that its environment
 * names.
 *
 * @module
 */
import fs from 'node:fs';
import process from 'node:process';

export const TOTALS_VARIABLE = 'REDLOCK_BENCH_TEST_TOTALS';

export default class TotalsReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      const tests = [...testModule.children.allTests()].map((test) => test.result().state);
      const failed = tests.filter((state) => state === 'failed').length;
      totals.passed += tests.filter((state) => state === 'passed').length;
      totals.skipped += tests.filter((state) => state === 'skipped').length;
      // A file that does not load, or whose hooks fail, has failed although none of its tests has.
      totals.failed += failed === 0 && testModule.state() === 'failed' ? 1 : failed;
    }
    fs.writeFileSync(process.env[TOTALS_VARIABLE], JSON.stringify(totals));
  }
}
