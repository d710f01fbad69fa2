import { describe, expect, it } from 'vitest';
import { GuardError, UsageError } from '../model/errors.js';
import { readComposeFiles } from './compose-file.js';

function read(...texts: string[]) {
  return readComposeFiles(
    texts.map((text, index) => ({ path: `file-${String(index + 1)}.yaml`, text })),
    { IMAGE: 'valkey/valkey:8.0.1', EMPTY: '', PORT: '7003' },
  );
}

function service(lines: string): string {
  return `services:\n  a:\n    image: redis:7.2.7\n    ${lines}\n`;
}

describe('compose files', () => {
  it('offer each port 6379 that is published on this machine, in either notation, in their order', () => {
    const text = `
services:
  a: { image: '\${IMAGE:-redis}', ports: ['127.0.0.1:7001:6379', '127.0.0.1:7009:9121'] }
  b: { image: '\${EMPTY:-redis:7.2.7}', ports: [{ host_ip: 127.0.0.1, published: 7002, target: 6379 }] }
  c: { image: 'redis:7.2.7', ports: ['127.0.0.1:7003:6379/tcp'] }
`;
    expect(read(text)).toEqual({
      endpoints: ['redis://127.0.0.1:7001', 'redis://127.0.0.1:7002', 'redis://127.0.0.1:7003'],
      ports: [7001, 7009, 7002, 7003],
      images: ['valkey/valkey:8.0.1', 'redis:7.2.7'],
      services: ['a', 'b', 'c'],
      areShared: false,
      wantsSecrets: false,
    });
  });

  it('may take the numbers of ports from variables, as compose reads them', () => {
    const ports = ["'127.0.0.1:${ABSENT:-7001}:6379'", "'127.0.0.1:${ABSENT-7002}:6379'", "'127.0.0.1:$PORT:6379'"];
    expect(read(service(`ports: [${ports.join(', ')}]`)).ports).toEqual([7001, 7002, 7003]);
  });

  it('say by labels which port is a master, how it is spoken to, and who else uses it', () => {
    const map = service(`ports: ['127.0.0.1:7001:7001']
    labels: { redlock-bench.master-port: '7001', redlock-bench.scheme: rediss, redlock-bench.allow-shared: 'true' }`);
    expect(read(map)).toMatchObject({ endpoints: ['rediss://127.0.0.1:7001'], areShared: true });
    const list = service(`ports: ['127.0.0.1:7001:7001']\n    labels: [redlock-bench.master-port=7001]`);
    expect(read(list)).toMatchObject({ endpoints: ['redis://127.0.0.1:7001'], areShared: false });
  });

  it('offer the proxy of an overlay in the place of the master behind it, in the scheme of the master', () => {
    const overlay = `
services:
  proxy:
    image: toxiproxy:1
    ports: ['127.0.0.1:8001:8001', '127.0.0.1:8002:8002']
    labels: { redlock-bench.proxy-port.a: '8001', redlock-bench.proxy-port.z: '8002' }
`;
    const base = service(`ports: ['127.0.0.1:7001:6379']\n    labels: { redlock-bench.scheme: rediss }`);
    expect(read(base, overlay).endpoints).toEqual(['rediss://127.0.0.1:8001']);
    expect(() => read(base.replace('  a:', '  other:'), overlay)).toThrow(
      'expected services that its proxies lead to (a, z), got other, proxy',
    );
  });

  it.each([
    ["ports: ['6379:6379']", '"6379:6379"'],
    ["ports: ['6379']", '"6379"'],
    ["ports: ['0.0.0.0:6379:6379']", '"0.0.0.0:6379:6379"'],
    ["ports: ['127.0.0.1:6379-6381:6379-6381']", '"127.0.0.1:6379-6381:6379-6381"'],
    ['ports: [{ published: 6379, target: 6379 }]', '{"published":6379,"target":6379}'],
    ['network_mode: host', 'network_mode host'],
    ['network_mode: "${ABSENT:-host}"', 'network_mode host'],
    ['network_mode: "${ABSENT:-${ABSENT:-host}}"', 'network_mode host'],
    ["ports: ['${EMPTY}:7001:6379']", '"${EMPTY}:7001:6379"'],
    ['extends: { file: other.yaml, service: b }', 'got extends, which is not followed here'],
    ['profiles: [more]', 'got profiles'],
    ['restart: "no"\ninclude: [other.yaml]', 'got include'],
  ])('are refused with %s, which others could reach', (lines, got) => {
    let thrown: unknown;
    try {
      read(service(lines));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GuardError);
    expect((thrown as Error).message).toContain(got);
    expect((thrown as Error).message.split('\n')).toHaveLength(1);
  });

  it.each([
    ['services: {', 'expected YAML'],
    ['version: 3', 'expected a compose file with services, got none'],
    [service('restart: "no"'), 'expected a service that publishes a master, got none'],
  ])('are refused when nothing can be done with them: %j', (text, problem) => {
    expect(() => read(text)).toThrow(UsageError);
    expect(() => read(text)).toThrow(problem);
  });
});
