/**
 * Whether two scenarios put the same load on the same masters, whatever lock and client they measure.
 *
 * @module
 */
import { describeEndpoint, parseEndpoint, redactCredentials } from '../model/endpoint.js';
import { masterCount, SCENARIO_DEFAULTS, type Scenario } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';

/** What makes the load, and the flag that sets it. What is missing here belongs to the lock, or changes no figure. */
const LOAD_FIELDS = {
  masters: '--masters',
  endpoints: '--endpoint',
  persistence: '--persistence',
  socket: '--socket',
  rtt: '--rtt',
  serviceRatePerSecond: '--service-rate',
  downMasters: 'masters that are down',
  killedWorkers: 'workers that are killed',
  faults: '--fault',
  ttlMs: '--ttl',
  acquireTimeoutMs: '--acquire-timeout',
  workers: '--workers',
  concurrency: '--concurrency',
  ratePerSecond: '--rate',
  arrivals: '--arrivals',
  burst: '--burst',
  inFlight: '--in-flight',
  keys: '--keys',
  hold: '--hold',
  warmupMs: '--warmup',
  durationMs: '--duration',
  history: '--history',
} as const satisfies Partial<Record<keyof Scenario, string>>;

/**
 * Says in what the loads differ, a phrase each: `--hold 5ms against 0ms`.
 *
 * @param allowed fields that are meant to differ
 */
export function findLoadDifferences(
  one: Scenario,
  other: Scenario,
  allowed: ReadonlySet<string> = new Set(),
): readonly string[] {
  const isOpen = [one, other].some(({ ratePerSecond }) => (ratePerSecond ?? null) !== null);
  return Object.entries(LOAD_FIELDS).flatMap(([field, flag]) => {
    if (allowed.has(field) || (!isOpen && OPEN_LOOP_ONLY.has(field))) return [];
    const [a, b] = [one, other].map((scenario) => textOf(scenario, field as keyof typeof LOAD_FIELDS));
    return a === b ? [] : [`${flag} ${String(a)} against ${String(b)}`];
  });
}

const OPEN_LOOP_ONLY: ReadonlySet<string> = new Set(['arrivals', 'burst', 'inFlight']);

/** A field that another build does not know yet has its default there; JSON leaves out what is undefined. */
function textOf(scenario: Scenario, field: keyof typeof LOAD_FIELDS): string {
  if (field === 'masters') return String(masterCount({ ...SCENARIO_DEFAULTS, ...scenario }));
  if (field === 'endpoints') return nameEndpoints(scenario);
  const value: unknown = field in scenario ? scenario[field] : SCENARIO_DEFAULTS[field];
  return (value ?? null) === null ? 'none' : describe(field, value);
}

/** Where the masters are, without passwords: results are stored without them, and what is asked for is not. */
function nameEndpoints(scenario: Scenario): string {
  const { endpoints } = { ...SCENARIO_DEFAULTS, ...scenario };
  const nobody = { username: undefined, password: undefined };
  const names = endpoints.map((text) => {
    const endpoint = parseEndpoint(text, nobody);
    return endpoint === undefined ? redactCredentials(text) : describeEndpoint(endpoint);
  });
  return names.length === 0 ? 'none' : names.join(' ');
}

/** As it would be typed, where that is short. */
function describe(field: string, value: unknown): string {
  if (typeof value === 'number' && field.endsWith('Ms')) return formatDurationMs(value);
  if (field === 'hold') {
    const { kind, meanMs } = value as Scenario['hold'];
    return `${kind === 'exponential' ? 'exp:' : ''}${formatDurationMs(meanMs)}`;
  }
  if (field === 'keys') return Object.values(value as Scenario['keys']).join(':');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
