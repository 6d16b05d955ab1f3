import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, FAMILIES, FINDING_IDS, isFindingId, PAGES } from '../../src/detect/catalogue.ts';
import { Detection } from '../../src/detect/index.ts';
import { citationText } from '../../src/detect/rfc.ts';
import { SEVERITIES } from '../../src/model/finding.ts';
import { CASES } from './cases.ts';

const RFCS = new URL('../../../shared/rfc/', import.meta.url);
const SOURCES = new URL('../../src/detect/', import.meta.url);

describe('the catalogue', () => {
  it('holds what the detectors can find, and nothing else', () => {
    const made = new Set(new Detection().ids);
    // The collector itself says when it has more than it lists.
    made.add('findings-limit');
    expect([...made].sort()).toEqual([...FINDING_IDS].sort());
  });

  it('has an example and a near miss for every finding', () => {
    expect(Object.keys(CASES).sort()).toEqual([...FINDING_IDS].sort());
  });

  it('puts every finding into one family', () => {
    const ids = Object.values(FAMILIES).flatMap((family) => Object.keys(family));
    expect(ids.sort()).toEqual([...FINDING_IDS].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(FINDING_IDS)('%s says what it means, what to do and what it is not', (id) => {
    const page = PAGES[id];
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(SEVERITIES).toContain(CATALOGUE[id].severity);
    expect(page.title).toMatch(/^[A-Z].*[^.]$/);
    for (const sentence of [page.meaning, page.advice, page.not]) expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
  });

  it('knows its ids', () => {
    expect(isFindingId('zero-window')).toBe(true);
    expect(isFindingId('toString')).toBe(false);
  });
});

describe.skipIf(!existsSync(RFCS))('citations', () => {
  const texts = new Map<number, string>();
  const textOf = (number: number) => {
    let text = texts.get(number);
    if (text === undefined) {
      text = readFileSync(new URL(`rfc${number}.txt`, RFCS), 'utf8');
      texts.set(number, text);
    }
    return text;
  };
  const hasSection = (number: number, section: string) =>
    new RegExp(`^\\s*${section.replaceAll('.', '\\.')}\\.?\\s+\\S`, 'm').test(textOf(number));

  it.each(FINDING_IDS.filter((id) => CATALOGUE[id].cite !== null))('of %s is a section of that RFC', (id) => {
    const { rfc, section } = CATALOGUE[id].cite!;
    expect(hasSection(rfc, section), citationText({ rfc, section })).toBe(true);
  });

  it('in the detectors are sections of those RFCs', () => {
    let cited = 0;
    for (const file of readdirSync(SOURCES).filter((name) => name.endsWith('.ts'))) {
      const source = readFileSync(new URL(file, SOURCES), 'utf8');
      for (const [, number, section] of source.matchAll(/\brfc\((\d+), '([\d.]+)'\)/g)) {
        cited++;
        expect(hasSection(Number(number), section), `${file}: RFC ${number} ${section}`).toBe(true);
      }
      for (const [, number, section] of source.matchAll(/RFC (\d+) section ([\d.]*\d)/g)) {
        if (!existsSync(new URL(`rfc${number}.txt`, RFCS))) continue;
        expect(hasSection(Number(number), section), `${file}: RFC ${number} section ${section}`).toBe(true);
      }
    }
    expect(cited).toBeGreaterThan(8);
  });
});
