import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FINDING_IDS, PAGES } from '../../src/detect/catalogue.ts';
import { findingList, findingPage, findingsMarkdown } from '../../src/render/finding-pages.ts';
import { PLAIN } from '../../src/render/style.ts';

const DOCUMENT = new URL('../../docs/findings.md', import.meta.url);

it('docs/findings.md is what the catalogue says', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(DOCUMENT, findingsMarkdown());
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(findingsMarkdown());
});

it('the list has one line for every finding', () => {
  const lines = findingList(null, PLAIN);
  for (const id of FINDING_IDS) {
    const own = lines.filter((line) => line.split(/\s+/)[1] === id);
    expect(own).toHaveLength(1);
    expect(own[0]).toContain(PAGES[id].title);
  }
});

it('a page says all there is, within the width', () => {
  for (const id of FINDING_IDS) {
    const lines = findingPage(id, 60, PLAIN);
    const text = lines.join(' ').replace(/\s+/g, ' ');
    for (const part of [PAGES[id].meaning, PAGES[id].advice, PAGES[id].not]) expect(text).toContain(part);
    // The heading and single long words aside.
    const long = lines.slice(2).filter((line) => line.length > 60 && line.trim().includes(' '));
    expect(long).toEqual([]);
  }
});
