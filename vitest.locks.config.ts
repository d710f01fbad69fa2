import { defineConfig } from 'vitest/config';

/** Every lock of the field through the conformance suite, the flawed ones convicted, and what runs many of them: too long for each `npm test`. */
export const FIELD_SUITES = ['src/**/*.field.redis.test.ts'];

export default defineConfig({
  test: {
    include: FIELD_SUITES,
    globalSetup: ['scripts/setup/python-redis.mjs'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
