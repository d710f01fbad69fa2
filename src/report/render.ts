/**
 * Turns a Vega-Lite spec into a picture.
 *
 * @module
 */
import { stillSpec, type LayeredSpec } from './charts/chart.js';
import { VEGA_CONFIG } from './charts/theme.js';

/** Vega's own hook for hosts that measure text themselves; its types leave it out. */
interface TextMetrics {
  readonly textMetrics: { width: (item: { readonly fontSize?: number }, text: string) => number };
}

/** The mean width of a character in the sans-serif faces that the charts ask for. */
const CHARACTER_EM = 0.6;

/** Draws a chart as SVG. Vega is loaded on the first call, because that takes a third of a second. */
export async function renderSvg(spec: LayeredSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Without a canvas Vega takes 0.8 em for a character, which widens pictures and cuts labels that would fit.
  (vega as unknown as TextMetrics).textMetrics.width = (item, text) =>
    CHARACTER_EM * (item.fontSize ?? 11) * text.length;
  const compiled = vegaLite.compile(stillSpec(spec), { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(compiled.spec, VEGA_CONFIG as object), {
    renderer: 'none',
    logLevel: vega.Error,
  });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
