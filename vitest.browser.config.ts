import { defineConfig } from 'vitest/config';

/** The pages in a real browser: seconds each, and on a bare machine a browser to install first. */
export const BROWSER_SUITES = ['src/**/*.browser.test.ts'];

export default defineConfig({
  test: {
    include: BROWSER_SUITES,
    globalSetup: ['scripts/setup/chromium.mjs'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Browsers, downloads and containers have bad moments that say nothing of the code.
    retry: 1,
    maxWorkers: 2,
  },
});
