import { describe, expect, it } from 'vitest';
import { markup } from './markup.js';
import { contents, outline, slug } from './page-outline.js';
import { table, wordTable } from './page-tables.js';

describe('the outline of a page', () => {
  const row = markup`<tr><th>a</th><td>1</td></tr>`;
  const { body, entries } = outline(
    markup`<h2>Runs</h2>${table(['', 'count'], [row])}${wordTable([['x', 'y']])}<details><summary>more &amp; more</summary><h3>Hidden</h3>${table(['n'], [row])}</details><h2>Runs</h2><figure><h3>${'<b> "quoted"'}</h3></figure>`,
  );

  it('gives each heading an id of its own, and lists those that are not folded', () => {
    expect(body.html.match(/<h[23] id="[^"]*"/g)).toEqual([
      '<h2 id="runs"',
      '<h3 id="hidden"',
      '<h2 id="runs-2"',
      '<h3 id="b-quoted"',
    ]);
    expect(entries.map(({ id, level }) => [id, level])).toEqual([
      ['runs', 2],
      ['runs-2', 2],
      ['b-quoted', 3],
    ]);
    expect(contents(entries).html).toContain(
      '<li class="level-3"><a href="#b-quoted">&lt;b&gt; &quot;quoted&quot;</a></li>',
    );
  });

  it('names each table for what it stands under, and lets the keyboard scroll its box', () => {
    expect([...body.html.matchAll(/<caption class="unseen">(.*?)<\/caption>/g)].map((match) => match[1])).toEqual([
      'Runs',
      'Runs (2)',
      'more &amp; more, Hidden',
    ]);
    expect(body.html.match(/role="group" tabindex="0" aria-label="table: /g)).toHaveLength(3);
  });

  it('names what lies in folds for its own fold, whatever headings stood in the one before', () => {
    const { body: folded } = outline(
      markup`<h2>Runs</h2><details><summary>A</summary>${table(['n'], [row])}<h3>Deep</h3>${table(['n'], [row])}<details><summary>all</summary>${table(['n'], [row])}</details>${table(['n'], [row])}</details><details><summary>B</summary>${table(['n'], [row])}</details>${table(['n'], [row])}`,
    );
    expect([...folded.html.matchAll(/<caption class="unseen">(.*?)<\/caption>/g)].map((match) => match[1])).toEqual([
      'A',
      'A, Deep',
      'A, all',
      'A, Deep (2)',
      'B',
      'Runs',
    ]);
  });

  it('says which cells head a row and which a column', () => {
    expect(table(['', 'count'], [row]).html).toContain(
      '<thead><tr><td></td><th scope="col">count</th></tr></thead><tbody><tr><th scope="row">a</th>',
    );
  });

  it('makes addresses and file names of any text', () => {
    expect(slug('N=3, "redlock" & <b>: Größe')).toBe('n-3-redlock-b-gr-e');
    expect(slug('東京')).toBe('');
    expect(outline(markup`<h2>東京</h2><h2>main</h2>`).entries.map(({ id }) => id)).toEqual(['section', 'main-2']);
  });
});
