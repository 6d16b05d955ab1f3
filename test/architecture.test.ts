import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const map = readFileSync(join(src, 'README.md'), 'utf8');

/** The folders and files at the top of src/, from the lowest layer up, as the map lists them. */
const layers = map
  .slice(map.indexOf('Imports go one way'))
  .split('\n')
  .filter((line) => line.startsWith('    '))
  .map((line) => line.trim().split(/ +/));
const rankOf = new Map(layers.flatMap((names, rank) => names.map((name) => [name, rank] as const)));

interface Import {
  from: string;
  /** Relative to src/, or the name of a package. */
  to: string;
  isOwn: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.tsx?$/.test(name));

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(src, from), 'utf8');
  return [...text.matchAll(/(?:\bfrom |\bimport\()\s*'([^']+)'/g)].map(([, to]) => {
    const isOwn = to.startsWith('.');
    return { from, to: isOwn ? join(dirname(from), to) : to, isOwn };
  });
});

const moduleOf = (path: string) => path.split('/')[0].replace(/\.ts$/, '');

/** Who imports the package. */
const importersOf = (name: string) => [...new Set(imports.filter(({ to }) => to === name).map(({ from }) => from))];

describe('the map in src/README.md', () => {
  it('names everything that is there, and nothing else', () => {
    const there = new Set(files.map(moduleOf));
    expect([...rankOf.keys()].sort()).toEqual([...there].sort());
    expect(layers.flat()).toHaveLength(rankOf.size);
    for (const name of there) expect(map).toMatch(new RegExp(`\\| \`${name}(/|\\.ts)\``));
  });

  it('is how the imports go', () => {
    const own = imports.filter(({ isOwn }) => isOwn);
    expect(own.length).toBeGreaterThan(500);
    const wrong = own.filter(({ from, to }) => {
      const [a, b] = [moduleOf(from), moduleOf(to)];
      return a !== b && rankOf.get(a)! <= rankOf.get(b)!;
    });
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('keeps each package at one place', () => {
    expect(importersOf('commander').every((file) => file.startsWith('cli/'))).toBe(true);
    expect(importersOf('cli-table3')).toEqual(['render/table.ts']);
    expect(importersOf('chalk')).toEqual(['cli/terminal.ts']);
    expect(importersOf('hyparquet-writer')).toEqual(['cli/parquet-table.ts']);
  });

  it('starts the default command without the packages that only some options want', () => {
    const start = new Set(['cli/main.ts', 'cli/commands/analyze.ts']);
    for (const from of start) {
      const text = readFileSync(join(src, from), 'utf8');
      // Types are gone when it runs, and what import() names is loaded later.
      for (const [, to] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm))
        start.add(join(dirname(from), to));
    }
    expect(start.size).toBeGreaterThan(200);
    const wanted = ['hyparquet-writer', 'yaml', '@marcbachmann/cel-js'].flatMap(importersOf);
    expect(wanted.length).toBeGreaterThanOrEqual(3);
    expect(wanted.filter((file) => start.has(file))).toEqual([]);
  });

  it('keeps what runs in a page to itself, and the packages that show it', () => {
    const isView = (path: string) => path.startsWith('page/view/');
    const fromOutside = imports.filter(({ from, to, isOwn }) => isOwn && isView(to) && !isView(from));
    expect(fromOutside).toEqual([]);
    for (const name of ['preact', 'preact/hooks', '@preact/signals', 'uplot']) {
      expect(importersOf(name).length).toBeGreaterThan(0);
      expect(importersOf(name).filter((file) => !isView(file))).toEqual([]);
    }
  });

  it('keeps Node out of the engine: its modules in cli/ and node/, its Buffer and its process in cli/', () => {
    const own = imports.filter(({ to }) => to.startsWith('node:') || builtinModules.includes(to));
    expect(new Set(own.map(({ from }) => moduleOf(from)))).toEqual(new Set(['cli', 'node']));
    const buffers = files.filter((name) => /\bBuffer\./.test(readFileSync(join(src, name), 'utf8')));
    expect(buffers.filter((name) => !name.startsWith('cli/'))).toEqual([]);
    const users = files.filter((name) => /\bprocess\.(?!versions)/.test(readFileSync(join(src, name), 'utf8')));
    expect(users.filter((name) => !name.startsWith('cli/'))).toEqual([]);
  });
});
