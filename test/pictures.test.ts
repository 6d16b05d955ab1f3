import { readdirSync, readFileSync } from 'node:fs';
import { XMLValidator } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { pictures } from '../scripts/pictures.mjs';
import { build } from './support/built.ts';

build();

const folder = new URL('../docs/pictures/', import.meta.url);

it('the pictures of the README are what the tool draws now; node scripts/pictures.mjs draws them', () => {
  const drawn = pictures();
  expect(readdirSync(folder).sort()).toEqual([...drawn.keys()].sort());
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const [name, picture] of drawn) {
    expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(picture);
    expect(XMLValidator.validate(picture), name).toBe(true);
    expect(readme).toContain(`docs/pictures/${name}`);
  }
});
