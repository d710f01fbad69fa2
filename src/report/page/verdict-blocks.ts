/**
 * The first lines of a page about several runs: what was found, then what to know before believing it.
 *
 * @module
 */
import { toldFindings, toldWarnings, type Told } from '../told-findings.js';
import type { Tone } from '../verdicts.js';
import { markup, type Markup } from './markup.js';

/** Two blocks; the second only where there is something to mind. */
export function verdictBlocks(told: Told, tone: Tone, status: 'complete' | 'interrupted'): Markup {
  const sentences = toldFindings(told).map(({ text, isViolation }) =>
    isViolation ? markup`<p><strong>${text}</strong></p>` : markup`<p>${text}</p>`,
  );
  const interrupted = status === 'complete' ? markup`` : markup`<p><strong>${status}</strong></p>`;
  const shown = sentences.length > 0 ? sentences : markup`<p>nothing was concluded</p>`;
  const block = markup`<div class="verdict ${tone}">${interrupted}${shown}</div>`;
  const warnings = toldWarnings(told);
  if (warnings.length === 0) return block;
  return markup`${block}<div class="verdict warning"><p><strong>before you believe it</strong></p>${warnings.map((each) => markup`<p>${each}</p>`)}</div>`;
}
