import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error a script without types
import { isCurrent, stampOfSources, writeStamp } from '../scripts/stamp.mjs';

let root: string;
const write = (name: string, text: string) => writeFileSync(join(root, name), text);
beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), 'tcpscope-prepare-'))}/`;
  for (const folder of ['src/deep', 'dist/bundle', 'scripts']) mkdirSync(join(root, folder), { recursive: true });
  write('src/a.ts', 'a');
  write('src/deep/b.ts', 'b');
  write('tsconfig.json', '{}');
  write('dist/bundle/main.cjs', '');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('what npm ci has built', () => {
  it('is not built again by npx', () => {
    expect(isCurrent(root)).toBe(false);
    writeStamp(stampOfSources(root), root);
    expect(isCurrent(root)).toBe(true);
    write('src/a.ts', 'a');
    expect(isCurrent(root)).toBe(true);
  });

  it.each<[string, () => void]>([
    ['a source has changed', () => write('src/deep/b.ts', 'B')],
    ['a source was added', () => write('src/c.ts', '')],
    ['a source went away', () => rmSync(join(root, 'src/a.ts'))],
    ['a source got another name', () => renameSync(join(root, 'src/a.ts'), join(root, 'src/z.ts'))],
    ['the compiler is told otherwise', () => write('tsconfig.json', '{ }')],
    ['the way of building has changed', () => write('scripts/build.mjs', '//')],
    ['the bundle is not there', () => rmSync(join(root, 'dist/bundle/main.cjs'))],
  ])('is built again when %s', (_, change) => {
    writeStamp(stampOfSources(root), root);
    change();
    expect(isCurrent(root)).toBe(false);
  });
});
