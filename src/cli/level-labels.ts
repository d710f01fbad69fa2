/**
 * Names for the values of a factor: as short as they can be while they still tell the values apart.
 *
 * @module
 */

const MOST_CHARACTERS = 48;

/** Whether a value is the path or the URL of a file. */
export function isFileName(value: string): boolean {
  return /^(\.{1,2}\/|\/|file:)/.test(value);
}

/**
 * A label for each value, in order. A path is named by its last part, a long command by its beginning; where different
 * values would get the same label, by more of them. The same value twice is no mistake, because A against A shows the
 * noise of the machine: the second one is numbered.
 */
export function labelValues(values: readonly string[]): string[] {
  const labels = tellApart([...new Set(values)]);
  const repetitions = new Map<string, number>();
  return values.map((value) => {
    const repetition = (repetitions.get(value) ?? 0) + 1;
    repetitions.set(value, repetition);
    const label = labels.get(value) ?? value;
    return repetition === 1 ? label : `${label} (${String(repetition)})`;
  });
}

/** Lengthens the labels that collide until none does; at the latest they are the values, which differ. */
function tellApart(values: readonly string[]): ReadonlyMap<string, string> {
  const steps = new Map(values.map((value) => [value, 1]));
  for (;;) {
    const labels = new Map([...steps].map(([value, step]) => [value, shorten(value, step)]));
    const counts = new Map<string, number>();
    for (const label of labels.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
    const colliding = values.filter((value) => (counts.get(labels.get(value) ?? value) ?? 0) > 1);
    if (colliding.length === 0) return labels;
    for (const value of colliding) steps.set(value, (steps.get(value) ?? 1) + 1);
  }
}

/** The last so many parts of a path, the first so many times 48 characters of anything else. */
function shorten(value: string, step: number): string {
  if (isFileName(value)) return value.split('/').slice(-step).join('/');
  const most = MOST_CHARACTERS * step;
  return value.length <= most ? value : `${value.slice(0, most - 1)}…`;
}
