/**
 * HTML in which everything that is not written here is escaped.
 *
 * @module
 */

/** HTML that is already escaped. */
export interface Markup {
  readonly html: string;
}

export type Content = string | number | Markup | readonly Markup[];

/** A template of HTML: interpolated strings are escaped, markup is not. */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const html = parts.map((part, index) => (index === 0 ? part : `${contentHtml(contents[index - 1])}${part}`));
  return { html: html.join('') };
}

/** Declares a text to be HTML: only for what this tool or Vega wrote. */
export function trusted(html: string): Markup {
  return { html };
}

/** JSON that can stand in a script element: no `<`, so that nothing in it can end the element or begin a comment. */
export function scriptJson(value: unknown): Markup {
  return { html: JSON.stringify(value).replaceAll('<', '\\u003c') };
}

/** A library that can stand in a script element; both replacements mean the same to JavaScript. */
export function scriptText(source: string): string {
  return source
    .replaceAll('</script', '<\\/script')
    .replaceAll('<!--', '<\\!--')
    .replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
}

function contentHtml(content: Content | undefined): string {
  if (content === undefined) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeMarkup(String(content));
  return 'html' in content ? content.html : content.map((each) => each.html).join('');
}

/** Escapes a text for elements and attributes of HTML, and of XML. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
