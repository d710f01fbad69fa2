/**
 * What can be done to the way between clients and a master, and what shows that it was done.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import { isMomentary, type LinkFault } from '../model/fault.js';
import { formatFault, nameTarget } from '../model/fault-text.js';
import type { Clock } from '../model/time.js';
import { ImpairedWay, type Ways } from './impaired-way.js';
import { inject, type Act, type FaultTiming, type Injection, type Sight } from './injection.js';

/**
 * Does something to ways, named by their place among the proxies, and looks for the effect on each. Never rejects: what
 * could not be done is in the receipt.
 */
export function injectLinkFault(
  ways: Ways,
  places: readonly number[],
  fault: LinkFault,
  timing: FaultTiming,
): Promise<Injection> {
  const label = { text: formatFault(fault), kind: fault.kind, target: nameTarget(fault) };
  return inject(linkAct(ways, places, fault, timing.clock), label, timing);
}

/**
 * What a fault of one or several ways does and looks at: it took effect when it did on all of them, each in its own time.
 * `reset-after-request` strikes only where there is traffic, so that one way is enough.
 */
export function linkAct(ways: Ways, places: readonly number[], fault: LinkFault, clock: Clock): Act {
  const impaired = places.map((place) => new ImpairedWay(ways, place, fault, clock));
  const needed = fault.kind === 'reset-after-request' ? Math.min(1, impaired.length) : impaired.length;
  return {
    inject: async () => {
      await Promise.all(impaired.map((way) => way.begin()));
    },
    seeEffect: watchAll(impaired, needed, (way) => way.seeEffect()),
    heal: async () => {
      await Promise.all(impaired.map((way) => way.end()));
    },
    ...(isMomentary(fault.kind) ? {} : { seeHealed: watchAll(impaired, impaired.length, (way) => way.seeHealed()) }),
  };
}

/** Looks at every way until enough of them have shown something; what one has shown once it need not show again. */
function watchAll(
  impaired: readonly ImpairedWay[],
  needed: number,
  look: (way: ImpairedWay) => Promise<Sight | undefined>,
): () => Promise<Sight | undefined> {
  const seen = new Map<ImpairedWay, Sight>();
  return async () => {
    const unseen = impaired.filter((way) => !seen.has(way));
    const looks = await Promise.allSettled(unseen.map(look));
    looks.forEach((result, index) => {
      const way = unseen[index];
      if (way !== undefined && result.status === 'fulfilled' && result.value !== undefined) seen.set(way, result.value);
    });
    if (seen.size < needed) {
      const failed = looks.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw toError(failed.reason);
      return undefined;
    }
    const [first = { saw: 'nothing, for there is no way' }] = impaired.flatMap((way) => seen.get(way) ?? []);
    return seen.size <= 1 ? first : { saw: `on the first of ${String(seen.size)} ways, ${first.saw}` };
  };
}
