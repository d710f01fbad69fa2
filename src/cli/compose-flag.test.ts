import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { onCompose, readComposeFlag } from './compose-flag.js';
import { describeHeld } from './up-command.js';

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
});

describe('up', () => {
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
