import { defineConfig } from 'vitest/config';

/** Every compose file on a container engine, which `scripts/compose-test.mjs` provides. */
export const COMPOSE_SUITES = ['src/**/*.compose.test.ts'];

export default defineConfig({
  test: {
    include: COMPOSE_SUITES,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // The ports of the files are fixed.
    // Browsers, downloads and containers have bad moments that say nothing of the code.
    retry: 1,
    maxWorkers: 1,
    fileParallelism: false,
  },
});
