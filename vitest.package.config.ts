import { defineConfig } from 'vitest/config';

/** The package as its users get it: packed, and installed on each Node it says it runs on. Minutes, and downloads. */
export const PACKAGE_SUITES = ['src/**/*.package.test.ts'];

export default defineConfig({
  test: {
    include: PACKAGE_SUITES,
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // Browsers, downloads and containers have bad moments that say nothing of the code.
    retry: 1,
    maxWorkers: 1,
  },
});
