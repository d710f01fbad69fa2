/**
 * What a topology of containers offers to this machine, read from its compose files: they are the only home of its ports.
 *
 * @module
 */
import { parse } from 'yaml';
import { GuardError, UsageError } from '../model/errors.js';
import { isRecord } from '../model/record.js';

/** A compose file, read. */
export interface ComposeText {
  readonly path: string;
  readonly text: string;
}

/** Where the masters of compose files are reached, and what the files need. */
export interface ComposeOffer {
  /** URLs of the masters, in the order of the files, or of the proxies before them. */
  readonly endpoints: readonly string[];
  /** Every port that is published, masters or not. */
  readonly ports: readonly number[];
  readonly images: readonly string[];
  /** Their names: each has a container once they are up. */
  readonly services: readonly string[];
  /** Whether others than the run use the masters, such as sentinels, and are meant to. */
  readonly areShared: boolean;
  /** Whether the containers want certificates and users, made for one start. */
  readonly wantsSecrets: boolean;
}

/** The variable with the folder of certificates and users that the files mount. */
export const SECRETS_VARIABLE = 'REDLOCK_BENCH_SECRETS';

/** The container's port of a master, unless a label of the service names another one. */
const USUAL_MASTER_PORT = '6379';
const MASTER_PORT_LABEL = 'redlock-bench.master-port';
const SHARED_LABEL = 'redlock-bench.allow-shared';
const SCHEME_LABEL = 'redlock-bench.scheme';
const PROXY_PORT_LABEL = 'redlock-bench.proxy-port.';

/** Keys of a service that bring ports, or take the service away, in ways that are not read here. */
const NOT_READ = ['extends', 'profiles'];

interface Service {
  readonly name: string;
  readonly image: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly ports: readonly PublishedPort[];
}

interface PublishedPort {
  readonly published: number;
  readonly container: string;
}

/**
 * Reads compose files that are laid over each other.
 *
 * @throws UsageError for files that are none or that publish no master, GuardError for ports beyond this machine
 */
export function readComposeFiles(files: readonly ComposeText[], environment: NodeJS.ProcessEnv): ComposeOffer {
  const services = new Map<string, Service>();
  const refused: string[] = [];
  for (const file of files) {
    for (const [name, raw] of readServices(file, refused)) {
      const service = readService(file.path, name, raw, environment, refused);
      const under = services.get(name);
      services.set(name, under === undefined ? service : layOver(under, service));
    }
  }
  if (refused.length > 0) throw new GuardError(refused.join('\n'));
  const all = [...services.values()];
  const endpoints = all.flatMap((service) => endpointsOf(service, all));
  if (endpoints.length === 0) {
    throw new UsageError([
      `--compose ${namesOf(files)}: expected a service that publishes a master, got none; ` +
        `publish its port ${USUAL_MASTER_PORT}, or name another one in its label ${MASTER_PORT_LABEL}`,
    ]);
  }
  refuseIdleProxies(files, all);
  return {
    endpoints,
    ports: all.flatMap(({ ports }) => ports.map(({ published }) => published)),
    images: [...new Set(all.map(({ image }) => image))],
    services: all.map(({ name }) => name),
    areShared: all.some(({ labels }) => labels.get(SHARED_LABEL) === 'true'),
    wantsSecrets: files.some(({ text }) => text.includes(`\${${SECRETS_VARIABLE}`)),
  };
}

function readServices({ path, text }: ComposeText, refused: string[]): [string, Record<string, unknown>][] {
  let document: unknown;
  try {
    document = parse(text, { merge: true });
  } catch (thrown) {
    throw new UsageError([`--compose ${path}: expected YAML, got ${firstLine(String(thrown))}`]);
  }
  const services = isRecord(document) ? document['services'] : undefined;
  if (isRecord(document) && document['include'] !== undefined) refused.push(notRead(path, 'include'));
  if (!isRecord(services)) throw new UsageError([`--compose ${path}: expected a compose file with services, got none`]);
  return Object.entries(services).map(([name, service]) => [name, isRecord(service) ? service : {}]);
}

function readService(
  path: string,
  name: string,
  raw: Record<string, unknown>,
  environment: NodeJS.ProcessEnv,
  refused: string[],
): Service {
  for (const key of NOT_READ) if (raw[key] !== undefined) refused.push(notRead(`${path}: service ${name}`, key));
  // What is left of a dollar sign nobody here can resolve.
  if (/^host$|\$/.test(interpolate(asText(raw['network_mode']), environment))) {
    refused.push(
      `--compose ${path}: service ${name}: expected ports published on 127.0.0.1, got network_mode host, which opens them to the network`,
    );
  }
  const ports = (Array.isArray(raw['ports']) ? raw['ports'] : []).flatMap((port: unknown) => {
    const read = readPort(port, environment);
    if (read === undefined) {
      refused.push(
        `--compose ${path}: service ${name}: expected single ports on this machine only, such as "127.0.0.1:7601:6379", ` +
          `got ${JSON.stringify(port)}; others could reach it, or nobody could tell where it is`,
      );
    }
    return read ?? [];
  });
  return { name, image: interpolate(asText(raw['image']), environment), labels: readLabels(raw['labels']), ports };
}

/** `127.0.0.1:7601:6379`, with or without protocol, or the same in long form; undefined for anything else. */
function readPort(port: unknown, environment: NodeJS.ProcessEnv): PublishedPort | undefined {
  const text = isRecord(port)
    ? `${asText(port['host_ip'])}:${asText(port['published'])}:${asText(port['target'])}`
    : asText(port);
  const [, published, container] = /^127\.0\.0\.1:(\d+):(\d+)(?:\/tcp)?$/.exec(interpolate(text, environment)) ?? [];
  return published === undefined || container === undefined ? undefined : { published: Number(published), container };
}

/** A list of `name=value`, or a map. */
function readLabels(labels: unknown): ReadonlyMap<string, string> {
  if (Array.isArray(labels)) {
    return new Map(
      labels.map(asText).map((label): [string, string] => {
        const [name = '', ...value] = label.split('=');
        return [name, value.join('=')];
      }),
    );
  }
  return new Map(isRecord(labels) ? Object.entries(labels).map(([name, value]) => [name, asText(value)]) : []);
}

function layOver(under: Service, over: Service): Service {
  return {
    name: under.name,
    image: over.image === '' ? under.image : over.image,
    labels: new Map([...under.labels, ...over.labels]),
    ports: [...under.ports, ...over.ports],
  };
}

/** A master's ports, or those of the proxy that stands before it. */
function endpointsOf({ name, labels, ports }: Service, all: readonly Service[]): string[] {
  const wanted = labels.get(MASTER_PORT_LABEL) ?? USUAL_MASTER_PORT;
  const scheme = labels.get(SCHEME_LABEL) ?? 'redis';
  const own = ports.filter(({ container }) => container === wanted);
  if (own.length === 0) return [];
  const proxied = all.flatMap((proxy) =>
    proxy.ports.filter(({ container }) => container === proxy.labels.get(PROXY_PORT_LABEL + name)),
  );
  return (proxied.length > 0 ? proxied : own).map(({ published }) => `${scheme}://127.0.0.1:${String(published)}`);
}

/** An overlay whose proxies lead to none of the services would measure nothing of what was asked for. */
function refuseIdleProxies(files: readonly ComposeText[], all: readonly Service[]): void {
  const targets = all
    .flatMap(({ labels }) => [...labels.keys()])
    .filter((label) => label.startsWith(PROXY_PORT_LABEL))
    .map((label) => label.slice(PROXY_PORT_LABEL.length));
  if (targets.length === 0 || all.some(({ name }) => targets.includes(name))) return;
  throw new UsageError([
    `--compose ${namesOf(files)}: expected services that its proxies lead to (${targets.join(', ')}), got ` +
      `${all.map(({ name }) => name).join(', ')}; lay the proxies over masters-1, masters-3 or masters-5`,
  ]);
}

/** `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}`, as compose does; other forms stay as they are. */
function interpolate(text: string, environment: NodeJS.ProcessEnv): string {
  const pattern = /\$(?:(\w+)|\{(\w+)(?:(:?-)([^{}]*))?\})/g;
  return text.replace(pattern, (_, bare?: string, braced?: string, operator?: string, fallback?: string) => {
    const value = environment[bare ?? braced ?? ''];
    return value === undefined || (value === '' && operator === ':-') ? (fallback ?? '') : value;
  });
}

function notRead(where: string, key: string): string {
  return `--compose ${where}: expected files that say themselves what runs, got ${key}, which is not followed here; write out what it brings`;
}

function namesOf(files: readonly ComposeText[]): string {
  return files.map(({ path }) => path).join(' + ');
}

function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
