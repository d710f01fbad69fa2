import { defineConfig } from 'vitest/config';
import { FIELD_SUITES } from './vitest.locks.config.js';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
    // The locks of the field take minutes: `npm run test:locks`.
    exclude: FIELD_SUITES,
    // Tests start real servers, and two busy cores may be all there is.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
