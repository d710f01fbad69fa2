import { defineConfig } from 'vitest/config';

/** Runs whose figures theory knows beforehand. They measure, so nothing else runs beside them. */
export default defineConfig({
  test: {
    include: ['src/**/*.oracle.ts'],
    testTimeout: 120_000,
    hookTimeout: 30_000,
    maxWorkers: 1,
    fileParallelism: false,
    retry: 1,
  },
});
