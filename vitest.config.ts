import { defineConfig } from 'vitest/config';
import { BROWSER_SUITES } from './vitest.browser.config.js';
import { COMPOSE_SUITES } from './vitest.compose.config.js';
import { FIELD_SUITES } from './vitest.locks.config.js';
import { PACKAGE_SUITES } from './vitest.package.config.js';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
    // The locks of the field take minutes: `npm run test:locks`; pages need a browser: `npm run test:browser`.
    // The installed package needs a download of each Node: `npm run test:package`.
    // Compose files need a container engine: `npm run test:compose`.
    // Servers of other kinds and ages are downloaded first: `npm run test:servers`.
    exclude: ['src/**/*.servers.test.ts', ...FIELD_SUITES, ...COMPOSE_SUITES, ...BROWSER_SUITES, ...PACKAGE_SUITES],
    // Tests start real servers, and two busy cores may be all there is.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
