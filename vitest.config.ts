import { defineConfig } from 'vitest/config';
import { BROWSER_SUITES } from './vitest.browser.config.js';
import { COMPOSE_SUITES } from './vitest.compose.config.js';
import { FIELD_SUITES } from './vitest.locks.config.js';
import { PACKAGE_SUITES } from './vitest.package.config.js';

/** The client and the tool against servers of other kinds and ages: vitest.servers.config.mjs. */
const SERVER_SUITES = ['src/**/*.servers.test.ts'];

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
    // What takes minutes, or has something to install first, has a script of its own: see docs/contributing.md.
    exclude: [...FIELD_SUITES, ...BROWSER_SUITES, ...PACKAGE_SUITES, ...COMPOSE_SUITES, ...SERVER_SUITES],
    globalSetup: ['scripts/setup/python-redis.mjs'],
    // Tests start real servers, and two busy cores may be all there is.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
