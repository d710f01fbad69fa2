/**
 * The outline of a page: its headings become places to link to, its tables get names for readers who do not see them.
 *
 * @module
 */
import { markup, trusted, type Markup } from './markup.js';

/** A heading that can be linked to. */
export interface OutlineEntry {
  readonly id: string;
  /** Escaped already. */
  readonly title: Markup;
  readonly level: 2 | 3;
}

export interface Outline {
  readonly entries: readonly OutlineEntry[];
  readonly body: Markup;
}

/** What the sections of a page are read for. Text of the data cannot look like it: its angle brackets are escaped. */
const LANDMARKS =
  /<h([23])([^>]*)>([\s\S]*?)<\/h\1>|<summary>([\s\S]*?)<\/summary>|<div class="scroll"><table class="([\w ]+)">|<(\/?)details/g;

/**
 * Reads a body once, in its order: each heading gets an id, each table the caption of what it stands under and a box that
 * the keyboard can scroll. Sections need not think of either.
 */
export function outline(body: Markup): Outline {
  const entries: OutlineEntry[] = [];
  const taken = new Set<string>();
  const captions = new Map<string, number>();
  // Of each open fold, below them of the page: what it is called, and the last heading in it.
  const places = [{ fold: '', heading: '' }];
  const html = body.html.replace(
    LANDMARKS,
    (
      whole: string,
      level: string | undefined,
      attributes: string | undefined,
      title: string | undefined,
      summary: string | undefined,
      kind: string | undefined,
      slash: string | undefined,
    ) => {
      if (slash !== undefined) {
        if (slash === '') places.push({ fold: '', heading: '' });
        else places.pop();
        return whole;
      }
      const place = places.at(-1) ?? { fold: '', heading: '' };
      if (level !== undefined && title !== undefined) {
        const id = uniqueId(slug(textOf(title)), taken);
        // Whoever opens a fold finds its headings there; a table of contents with all of them would be no help.
        if (places.length === 1) entries.push({ id, title: trusted(title), level: level === '2' ? 2 : 3 });
        place.heading = textOf(title);
        return `<h${level} id="${id}"${attributes ?? ''}>${title}</h${level}>`;
      }
      if (summary !== undefined) {
        place.fold = textOf(summary);
        return whole;
      }
      const words = captionOf(places) || 'figures';
      const count = (captions.get(words) ?? 0) + 1;
      captions.set(words, count);
      const caption = count === 1 ? words : `${words} (${String(count)})`;
      return `<div class="scroll" role="group" tabindex="0" aria-label="table: ${caption}"><table class="${kind ?? ''}"><caption class="unseen">${caption}</caption>`;
    },
  );
  return { entries, body: trusted(html) };
}

/** The folds that it lies in, then the last heading in the innermost: one before a fold heads nothing within it. */
function captionOf(places: readonly { readonly fold: string; readonly heading: string }[]): string {
  return [...places.map(({ fold }) => fold), places.at(-1)?.heading ?? ''].filter((each) => each !== '').join(', ');
}

/** The table of contents; charts and other headings of the third level stand below theirs. */
export function contents(entries: readonly OutlineEntry[]): Markup {
  const items = entries.map(
    ({ id, title, level }) =>
      markup`<li class="level-${level}"><a href="#${id}">${trusted(title.html.replace(/<[^>]*>/g, ''))}</a></li>`,
  );
  return markup`<nav aria-label="Contents"><ul>${items}</ul></nav>`;
}

/** A text as part of a file name or an address: letters and digits of the Latin alphabet. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/&[a-z#\d]+;/g, '')
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-$/, '');
}

function uniqueId(wanted: string, taken: Set<string>): string {
  const stem = wanted === '' ? 'section' : wanted;
  let id = stem;
  for (let number = 2; taken.has(id) || RESERVED.has(id); number++) id = `${stem}-${String(number)}`;
  taken.add(id);
  return id;
}

/** The ids that the page itself uses. */
const RESERVED: ReadonlySet<string> = new Set([
  'main',
  'tip',
  'theme',
  'specs',
  'themes',
  'figures',
  'figures-place',
  'said',
]);

function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '').trim();
}
