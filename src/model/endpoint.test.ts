import { describe, expect, it } from 'vitest';
import {
  describeEndpoint,
  isLocalEndpoint,
  isLocalUrl,
  parseEndpoint,
  redactCredentials,
  type Endpoint,
} from './endpoint.js';

const nobody = { username: undefined, password: undefined };

function parsed(url: string, fallback = nobody as Parameters<typeof parseEndpoint>[1]): Endpoint {
  const endpoint = parseEndpoint(url, fallback);
  if (endpoint === undefined) throw new Error(`not an endpoint: ${url}`);
  return endpoint;
}

describe('parseEndpoint', () => {
  it('reads host, port, user, password and database', () => {
    expect(parsed('redis://us%40er:pa%3Ass@db.example:7000/3')).toEqual({
      socket: { kind: 'tcp', host: 'db.example', port: 7000, tls: false },
      username: 'us@er',
      password: 'pa:ss',
      database: 3,
    });
  });

  it('reads TLS, IPv6 and unix sockets', () => {
    expect(parsed('rediss://localhost').socket).toEqual({ kind: 'tcp', host: 'localhost', port: 6379, tls: true });
    expect(parsed('redis://[::1]:7000').socket).toMatchObject({ host: '::1', port: 7000 });
    expect(parsed('unix:///run/redis.sock').socket).toEqual({ kind: 'unix', path: '/run/redis.sock' });
  });

  it('takes credentials from the environment only where the URL has none', () => {
    const fallback = { username: 'bench', password: 'canary' };
    expect(parsed('redis://localhost', fallback)).toMatchObject(fallback);
    expect(parsed('redis://:own@localhost', fallback)).toMatchObject({ username: 'bench', password: 'own' });
  });

  it.each([
    'localhost:6379',
    'http://localhost',
    'redis://',
    'unix://',
    'redis://host/x',
    'redis://host/-1',
    'redis://:50%@host',
    '',
  ])('refuses %j', (url) => {
    expect(parseEndpoint(url, nobody)).toBeUndefined();
  });
});

describe('describeEndpoint', () => {
  it.each(['redis://u:canary@127.0.0.1:7000/2', 'rediss://:canary@[::1]:7000'])(
    'never shows the password of %s',
    (url) => {
      expect(describeEndpoint(parsed(url))).not.toContain('canary');
    },
  );

  it('never shows the password that a unix socket was given by the environment', () => {
    const fallback = { username: undefined, password: 'canary' };
    expect(describeEndpoint(parsed('unix:///run/redis.sock', fallback))).toBe('unix:///run/redis.sock');
  });
});

describe('isLocalEndpoint', () => {
  it.each([
    ['redis://127.0.0.1', true],
    ['redis://127.8.9.10', true],
    ['redis://localhost', true],
    ['redis://[::1]', true],
    ['unix:///run/redis.sock', true],
    ['redis://10.0.0.1', false],
    ['redis://127.0.0.1.example.com', false],
    ['redis://localhost.example.com', false],
  ])('%s: %s', (url, isLocal) => {
    expect(isLocalEndpoint(parsed(url))).toBe(isLocal);
  });
});

describe('isLocalUrl', () => {
  it('knows masters of this machine, and takes nothing else for one', () => {
    const texts = ['redis://127.0.0.1:7001', 'unix:///run/redis.sock', 'redis://10.0.0.1', 'not connected'];
    expect(texts.map(isLocalUrl)).toEqual([true, true, false, false]);
  });
});

describe('redactCredentials', () => {
  it.each([
    ['--endpoint redis://me:secret@10.0.0.1:6379/2 --masters 3', '--endpoint redis://10.0.0.1:6379/2 --masters 3'],
    ['redis://:p@ss/w?rd@host', 'redis://host'],
    ['rediss://:one@a,rediss://b,rediss://:two@c', 'rediss://a,rediss://b,rediss://c'],
    ['"redis://%zz:secret@host"', '"redis://host"'],
    ['REDIS://me:secret@host', 'REDIS://host'],
    ['redis://host, mailto me@host', 'redis://host, mailto me@host'],
    ['npm:redlock@4', 'npm:redlock@4'],
  ])('makes of %s', (text, expected) => {
    expect(redactCredentials(text)).toBe(expected);
  });
});
