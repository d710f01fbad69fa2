import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EXIT_CODES } from '../check/exit-code.js';
import { EnvironmentError, UsageError } from '../model/errors.js';
import type { ComposeProject } from '../servers/compose-project.js';
import { onCompose, readComposeFlag, thenTakeDown } from './compose-flag.js';
import { listenForInterrupts } from './compose-interrupts.js';
import { aborted, describeHeld } from './up-command.js';

describe('--compose', () => {
  it.each(['masters', 'server', 'persistence', 'socket', 'tls-ca', 'fault'])(
    'is refused beside --%s, in one line',
    (flag) => {
      const thrown = (() => {
        try {
          return readComposeFlag({ compose: 'masters-3', [flag]: '1' });
        } catch (error) {
          return error;
        }
      })();
      expect(thrown).toBeInstanceOf(UsageError);
      expect((thrown as UsageError).problems).toEqual([
        `--${flag}, --compose: expected one of the two, got both; the compose file says what runs: drop --${flag}`,
      ]);
    },
  );

  it('may be given once', () => {
    expect(() => readComposeFlag({ compose: ['masters-1', 'proxy'] })).toThrow('use masters-1+proxy, not two');
  });

  it('starts nothing when other words are wrong', async () => {
    const work = async (): Promise<number> => {
      throw new Error('nothing may run');
    };
    await expect(onCompose({ compose: 'masters-3', ttl: '10' }, work)).rejects.toThrow('--ttl: expected a duration');
  });

  it.each([
    [{ scenario: 'contendd' }, 'expected a scenario named'],
    [{ _: ['run'], scenario: 'contended', lock: 'no-such-lock' }, 'no-such-lock'],
    [{ _: ['run'], 'tls-cert': '/tmp/cert.pem' }, '--tls-key'],
  ])('starts nothing for what no run could do: %j', async (words, problem) => {
    const work = async (): Promise<number> => {
      throw new Error('nothing may run');
    };
    await expect(onCompose({ compose: 'masters-3', ...words }, work)).rejects.toThrow(problem);
  });
});

describe('containers after the work', () => {
  const stuck = new EnvironmentError('expected to take the containers down, got none of it');
  let said: string[] = [];
  beforeEach(() => {
    said = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    // What endures a lost output goes a moment later.
    await new Promise(setImmediate);
  });

  function project(failure?: Error): ComposeProject {
    return {
      name: 'redlock-bench-1',
      engine: 'docker',
      secrets: undefined,
      [Symbol.asyncDispose]: async () => {
        if (failure !== undefined) throw failure;
      },
    };
  }
  const say = (): void => undefined;

  it('do not change what the work came to, and a take-down that fails is told', async () => {
    expect(await thenTakeDown(project(stuck), say, async () => EXIT_CODES.violation)).toBe(EXIT_CODES.violation);
    expect(said).toEqual([`redlock-bench: ${stuck.message}\n`]);
    const work = thenTakeDown(project(stuck), say, async () => Promise.reject(new Error('the work')));
    await expect(work).rejects.toThrow('the work');
  });

  it('are a failure where they stay and the work went well', async () => {
    expect(await thenTakeDown(project(stuck), say, async () => EXIT_CODES.ok)).toBe(EXIT_CODES.usage);
    expect(await thenTakeDown(project(), say, async () => EXIT_CODES.ok)).toBe(EXIT_CODES.ok);
  });

  it('leave no ear for signals behind', async () => {
    const ears = (): number[] => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = ears();
    let during: number[] = [];
    await thenTakeDown(project(), say, async () => {
      during = ears();
      return 0;
    });
    expect(during).toEqual(before.map((count) => count + 1));
    expect(ears()).toEqual(before);
  });
});

describe('Ctrl-C beside containers', () => {
  it('is heard once, and the second one of a person is the way out', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
    const onFirst = vi.fn();
    const now = vi.spyOn(process.hrtime, 'bigint').mockReturnValue(1_000_000_000n);
    const listener = listenForInterrupts(onFirst);
    try {
      process.emit('SIGINT');
      // The same one again, from the npm that started us.
      process.emit('SIGINT');
      expect([onFirst.mock.calls.length, exit.mock.calls.length]).toEqual([1, 0]);
      now.mockReturnValue(2_000_000_000n);
      process.emit('SIGHUP');
      expect(exit.mock.calls).toEqual([[EXIT_CODES.interrupted]]);
    } finally {
      listener.stop();
      vi.restoreAllMocks();
    }
  });
});

describe('up', () => {
  it('waits for a signal, and for nothing more when there was one', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await aborted(AbortSignal.abort());
    expect(timers()).toBe(before);
  });

  const held = {
    servers: ['redis 7.0.15', 'redis 7.0.15'],
    compose: null,
    tlsCa: null,
    shared: false,
    credentialsFile: null,
  };

  it('prints a line to paste', () => {
    expect(describeHeld({ ...held, endpoints: ['redis://127.0.0.1:1', 'redis://127.0.0.1:2'] })).toEqual([
      'up: redis 7.0.15; Ctrl-C ends it',
      '',
      '  redlock-bench run --endpoint redis://127.0.0.1:1 --endpoint redis://127.0.0.1:2',
      '',
    ]);
  });

  it('prints with it what else a run must be told', () => {
    const more = { compose: 'project', tlsCa: '/tmp/ca.crt', shared: true, credentialsFile: '/tmp/credentials.env' };
    expect(describeHeld({ ...held, tlsCa: "/my files/it's.crt", endpoints: [] }).at(-2)).toBe(
      "  redlock-bench run --tls-ca '/my files/it'\\''s.crt'",
    );
    expect(describeHeld({ ...held, ...more, endpoints: ['rediss://127.0.0.1:1'] })).toEqual([
      'up: redis 7.0.15, as project; Ctrl-C ends it',
      '',
      '  set -a; . /tmp/credentials.env; set +a',
      '',
      '  redlock-bench run --endpoint rediss://127.0.0.1:1 --tls-ca /tmp/ca.crt --allow-shared',
      '',
    ]);
  });
});
