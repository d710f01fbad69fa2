import { describe, expect, it } from 'vitest';
import { SECRET_VARIABLES } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { childEntryPath, childEnvironment } from './child-entry.js';

describe('a child process of our own', () => {
  it('runs from the build', () => {
    expect(childEntryPath('servers/supervisor')).toMatch(/\/dist\/src\/servers\/supervisor\.js$/);
    expect(() => childEntryPath('servers/nothing')).toThrow(EnvironmentError);
  });

  it('gets no credentials, and nothing that was meant for the run', () => {
    expect(SECRET_VARIABLES).toEqual(['REDLOCK_BENCH_USERNAME', 'REDLOCK_BENCH_PASSWORD']);
    const secrets = Object.fromEntries(SECRET_VARIABLES.map((name) => [name, 'secret']));
    expect(childEnvironment({ PATH: '/bin', NODE_OPTIONS: '--inspect', ...secrets })).toEqual({ PATH: '/bin' });
  });
});
