import { describe, expect, it } from 'vitest';
import { GuardError, UsageError } from '../model/errors.js';
import { completeScenario, type Scenario } from '../model/scenario.js';
import { readEndpoints, redactUrl } from './endpoints.js';

const CANARY = 'c4nary-passw0rd';

const scenarioOf = (endpoints: string[], allowRemote: string[] = []): Scenario =>
  completeScenario({ endpoints, allowRemote }, 1);

function refusal(action: () => unknown): Error {
  try {
    action();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error('expected a refusal');
}

describe('readEndpoints', () => {
  it('takes credentials from the environment where the URL has none', () => {
    const endpoints = readEndpoints(scenarioOf(['redis://127.0.0.1:7001', 'redis://bob:own@127.0.0.1:7002']), {
      REDLOCK_BENCH_USERNAME: 'alice',
      REDLOCK_BENCH_PASSWORD: 'shared',
    });
    expect(endpoints.map(({ username, password }) => [username, password])).toEqual([
      ['alice', 'shared'],
      ['bob', 'own'],
    ]);
  });

  it('reports every malformed URL at once, and no password of any', () => {
    const error = refusal(() =>
      readEndpoints(
        scenarioOf([
          `http://user:${CANARY}@example.com`,
          'redis://127.0.0.1:7001',
          `redis://user:${CANARY}%zz@127.0.0.1`,
          `redis://:${CANARY}`,
          `127.0.0.1:${CANARY}`,
          `redis://user:${CANARY}@127.0.0.1:99999`,
        ]),
        { REDLOCK_BENCH_PASSWORD: CANARY },
      ),
    );
    if (!(error instanceof UsageError)) throw error;
    expect(error.problems.map((problem) => problem.slice(0, 13))).toEqual([
      '--endpoint 1:',
      '--endpoint 3:',
      '--endpoint 4:',
      '--endpoint 5:',
      '--endpoint 6:',
    ]);
    expect(error.message).not.toContain(CANARY);
  });

  it('refuses each host that is not on this machine and was not allowed by name', () => {
    const urls = [
      'redis://10.0.0.1',
      `redis://u:${CANARY}@db.example.com`,
      'redis://DB.example.com:2',
      'redis://[::1]',
    ];
    const error = refusal(() => readEndpoints(scenarioOf(urls, ['10.0.0.1']), {}));
    expect(error).toBeInstanceOf(GuardError);
    expect(error.message.split('\n')).toHaveLength(2);
    expect(error.message).toContain('--allow-remote db.example.com');
    expect(error.message).not.toContain(CANARY);
    expect(error.message).not.toContain('10.0.0.1');
  });

  it('accepts hosts that were allowed by name, in any case of letters', () => {
    expect(readEndpoints(scenarioOf(['redis://DB.example.com'], ['db.EXAMPLE.com']), {})).toHaveLength(1);
  });
});

describe('redactUrl', () => {
  it.each([
    ['http://user:secret@host:80/x?password=secret', 'http://…@host:80/x'],
    ['redis://user:se@cret@host', 'redis://…@host'],
    ['redis://:secret', 'redis://…'],
    ['localhost:6379', 'localhost…'],
    ['redis://host?password=secret', 'redis://host…'],
    ['nonsense', 'nonsense'],
  ])('shows %s as %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});
