import { describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { childEntryPath, childEnvironment } from './child-entry.js';

describe('a child process of our own', () => {
  it('runs from the build', () => {
    expect(childEntryPath('servers/supervisor')).toMatch(/\/dist\/src\/servers\/supervisor\.js$/);
    expect(() => childEntryPath('servers/nothing')).toThrow(EnvironmentError);
  });

  it('gets no credentials, and nothing that was meant for the run', () => {
    const given = { PATH: '/bin', NODE_OPTIONS: '--inspect', REDLOCK_BENCH_PASSWORD: 'p', REDLOCK_BENCH_USERNAME: 'u' };
    expect(childEnvironment(given)).toEqual({ PATH: '/bin' });
  });
});
