import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STORY_FRAME as CHINESE } from '../../src/messages/zh/story/index.ts';
import { build } from '../support/built.ts';
import { locate, root } from './installed.ts';

build();
const folder = join(root, 'dist/bundle');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
/** What is loaded with the file: `require` at the beginning of a line, not in a function. */
const importsOf = (text: string) =>
  [...text.matchAll(/^(?:const|let) \w+ = require\("([^"]+)"\);$/gm)].map(([, name]) => name);

describe('what a run of the default command loads', () => {
  const start = readdirSync(folder).find((name) => /^start-.*\.cjs$/.test(name))!;

  it('is one file, what the bundler itself needs, and modules of Node', () => {
    expect(importsOf(read('main.cjs')).filter((name) => !name.startsWith('node:'))).toEqual([`./${start}`]);
    const imported = importsOf(read(start));
    expect(imported.length).toBeGreaterThan(3);
    expect(imported.filter((name) => !name.startsWith('node:') && !/^\.\/rolldown-runtime/.test(name))).toEqual([]);
  });

  it('has no words that another language has to be asked for', () => {
    expect(read(start)).not.toMatch(/[\u4e00-\u9fff]/);
    expect(JSON.stringify(CHINESE) + String(Object.values(CHINESE))).toMatch(/[\u4e00-\u9fff]/);
  });
});

describe('the packages in the bundle', () => {
  it('have their licences beside it', () => {
    const licences = read('LICENCES');
    for (const name of ['commander', 'chalk', 'cli-table3', 'string-width', 'yaml', '@marcbachmann/cel-js']) {
      const text = readFileSync(
        join(locate(name, root)!, name === 'chalk' || name === 'string-width' ? 'license' : 'LICENSE'),
        'utf8',
      );
      expect(licences).toContain(text.trim());
    }
  });
});
