import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE_NAMES, COMPOSE_OVERLAYS, readComposeTopology } from './compose-topology.js';

interface Service {
  readonly image: string;
  readonly restart: string;
  readonly cpus: string | number;
  readonly mem_limit: string;
  readonly memswap_limit: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
}

const folder = new URL('../../compose/', import.meta.url);
const services = [...COMPOSE_NAMES, ...COMPOSE_OVERLAYS].flatMap((name) => {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
  const file = parse(text, { merge: true }) as { services: Record<string, Service> };
  return Object.entries(file.services).map(([service, settings]) => [`${name}: ${service}`, settings] as const);
});

describe('the compose files that come along', () => {
  it.each(services)('%s pins its image, has limits and a health check, and is not restarted', (_, service) => {
    expect(service.image).toMatch(/^\$\{\w+:-[\w./-]+:\d+\.\d+\.\d+\}$/);
    expect(service.restart).toBe('no');
    expect(String(service.cpus)).toMatch(/^(\d+(\.\d+)?|\$\{REDLOCK_BENCH_CPUS:-2\})$/);
    expect(service.mem_limit).toMatch(/^\d+m$/);
    expect(service.memswap_limit).toBe(service.mem_limit);
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    if (!service.image.includes('toxiproxy')) expect(service.tmpfs).toContain('/data');
  });

  it('keep nothing on a disk', () => {
    const settings = readFileSync(new URL('redis.conf', folder), 'utf8').split('\n');
    expect(settings).toEqual(expect.arrayContaining(['save ""', 'appendonly no', 'maxmemory-policy noeviction']));
  });

  it.each([
    ['masters-1', [7601], 'redis'],
    ['masters-3', [7601, 7602, 7603], 'redis'],
    ['masters-5', [7601, 7602, 7603, 7604, 7605], 'redis'],
    ['failover', [7611], 'redis'],
    ['tls-acl', [7621, 7622, 7623], 'rediss'],
    ['masters-1+proxy', [7631], 'redis'],
    ['masters-5+proxy', [7631, 7632, 7633, 7634, 7635], 'redis'],
    ['tls-acl+proxy', [7631, 7632, 7633], 'rediss'],
  ])('%s offers its masters', (name, ports, scheme) => {
    const { endpoints, wantsSecrets, areShared } = readComposeTopology(name, {});
    expect(endpoints).toEqual(ports.map((port) => `${scheme}://127.0.0.1:${String(port)}`));
    expect(wantsSecrets).toBe(scheme === 'rediss');
    expect(areShared).toBe(name === 'failover');
  });

  it('names images, those of the environment before those of the file', () => {
    expect(readComposeTopology('masters-3', {}).images).toEqual(['redis:7.2.7']);
    const valkey = { REDLOCK_BENCH_IMAGE: 'valkey/valkey:8.0.1' };
    expect(readComposeTopology('masters-3', valkey).images).toEqual(['valkey/valkey:8.0.1']);
  });

  it.each([
    [
      'masters-4',
      'expected masters-1, masters-3, masters-5, failover, tls-acl, one with +proxy, or the path of a file',
    ],
    ['proxy', 'expected a topology under the overlay proxy, got none; use masters-3+proxy'],
    ['failover+proxy', 'expected services that its proxies lead to'],
    ['./no-such-file.yaml', 'expected a file that can be read'],
  ])('%s is refused', (name, problem) => {
    expect(() => readComposeTopology(name, {})).toThrow(problem);
  });
});
