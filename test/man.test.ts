import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandPages, manPages } from '../scripts/man.mjs';
import { COMMANDS } from '../src/cli/commands/index.ts';
import { build } from './support/built.ts';

build();
if (process.env.UPDATE_DOCS)
  spawnSync(process.execPath, [fileURLToPath(new URL('../scripts/man.mjs', import.meta.url))]);

const folder = new URL('../man/', import.meta.url);
const pages = await manPages();
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const isThere = (tool: string) => spawnSync(tool, ['--version']).error === undefined;

describe('manual pages', () => {
  it('are there for every command', () => {
    expect([...pages.keys()]).toEqual(['tcpscope.1', ...COMMANDS.map(({ name }) => `tcpscope-${name}.1`)]);
  });

  it('are those of the present commands; UPDATE_DOCS=1 writes them anew', () => {
    expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort());
    for (const [name, page] of pages) expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(page);
  });

  it('have their like in docs/commands', async () => {
    const reference = await commandPages();
    const docs = new URL('../docs/commands/', import.meta.url);
    expect(readdirSync(docs).sort()).toEqual([...reference.keys()].sort());
    for (const [name, page] of reference) expect(readFileSync(new URL(name, docs), 'utf8'), name).toBe(page);
  });

  it('are installed with the package', () => {
    expect(manifest.man).toEqual([...pages.keys()].map((name) => `./man/${name}`));
    expect(manifest.files).toContain('man');
  });

  it.skipIf(!isThere('groff')).each([...pages.keys()])('%s is what groff understands', (name) => {
    const file = fileURLToPath(new URL(name, folder));
    const { status, stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-Tutf8', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.skipIf(!isThere('groff'))('name every option as the help does', () => {
    const file = fileURLToPath(new URL('tcpscope-packets.1', folder));
    const { stdout } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou', file], { encoding: 'utf8' });
    const text = stdout.replace(/\s+/g, ' ');
    for (const words of [
      '-w, --write <file>',
      '--since <time>',
      '-X',
      'info, warning or error',
      'tcpscope packets trace.pcap --stream 3',
    ])
      expect(text).toContain(words);
    expect(text).toContain('NAME tcpscope-packets - packet by packet');
  });

  it.skipIf(!isThere('mandoc')).each([...pages.keys()])('%s is what mandoc understands', (name) => {
    const file = fileURLToPath(new URL(name, folder));
    expect(spawnSync('mandoc', ['-T', 'lint', '-W', 'error', file], { encoding: 'utf8' }).stdout).toBe('');
  });
});
