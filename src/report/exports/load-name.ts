/**
 * How the load of a gate is called in the histories of other tools: the same name for the same load, and another for another.
 *
 * @module
 */
import { masterCount, SCENARIO_DEFAULTS, type Scenario } from '../../model/scenario.js';
import { formatDurationMs } from '../../model/time.js';
import { describeHold, describeKeysShortly, describeRoundTrips } from '../describe.js';
import { oneLine } from './plain-text.js';

/** No tool that reads these names takes more than 1,024 bytes (Bencher), of up to four a character. */
const MOST_CHARACTERS = 200;

/** `n3/contended`; of a scenario without a name also what was set: `n5/custom rate=500 keys=single`. No lock, no seed. */
export function nameLoad(scenario: Scenario): string {
  const name = clip(scenario.name) || SCENARIO_DEFAULTS.name;
  const words = name === SCENARIO_DEFAULTS.name ? findWords(scenario) : [];
  return [`n${String(masterCount(scenario))}/${name}`, ...(words.length === 0 ? [] : [clip(words.join(' '))])].join(
    ' ',
  );
}

/** The name of a scenario in one line, not too long for anybody. */
export function clip(text: string): string {
  return [...oneLine(text)].slice(0, MOST_CHARACTERS).join('').trim();
}

/** The flags that make the load, where they are not the defaults; a result of another build may lack some. */
function findWords(partial: Scenario): string[] {
  const scenario = { ...SCENARIO_DEFAULTS, ...partial };
  const { ratePerSecond, concurrency, keys, hold, rtt, faults } = scenario;
  const isOpen = (ratePerSecond ?? null) !== null;
  const isSet = (field: keyof typeof SCENARIO_DEFAULTS): boolean => scenario[field] !== SCENARIO_DEFAULTS[field];
  return [
    isOpen ? `rate=${String(ratePerSecond)}` : `concurrency=${String(concurrency)}`,
    ...(isOpen && isSet('arrivals') ? [`arrivals=${scenario.arrivals}`] : []),
    ...(isOpen && isSet('burst') ? [`burst=${String(scenario.burst)}`] : []),
    ...(isOpen && isSet('inFlight') ? [`in-flight=${String(scenario.inFlight)}`] : []),
    ...(keys.kind === 'uncontended' ? [] : [`keys=${describeKeysShortly(keys)}`]),
    ...(hold.meanMs === 0 ? [] : [`hold=${describeHold(scenario)}`]),
    ...(isSet('workers') ? [`workers=${String(scenario.workers)}`] : []),
    ...(isSet('ttlMs') ? [`ttl=${formatDurationMs(scenario.ttlMs)}`] : []),
    ...(isSet('acquireTimeoutMs') ? [`acquire-timeout=${formatDurationMs(scenario.acquireTimeoutMs)}`] : []),
    ...(rtt.length === 0 ? [] : [`rtt=${describeRoundTrips(rtt)}`]),
    ...((scenario.serviceRatePerSecond ?? null) === null
      ? []
      : [`service-rate=${String(scenario.serviceRatePerSecond)}`]),
    ...(isSet('persistence') ? [`persistence=${scenario.persistence}`] : []),
    ...(isSet('socket') ? [`socket=${scenario.socket}`] : []),
    ...(scenario.downMasters.length === 0 ? [] : [`down=${scenario.downMasters.join('+')}`]),
    ...(faults.length === 0 ? [] : [`faults=${String(faults.length)}`]),
    ...(scenario.endpoints.length === 0 ? [] : ['endpoints']),
  ];
}
