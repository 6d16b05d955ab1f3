import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../cli/tcpscope.ts';
import { ENCAPSULATIONS } from '../decode/encapsulations.ts';
import { build } from '../support/built.ts';

build();
const { CASES, run } = await import('./commands.mjs');
const { fileOf, fuzz } = await import('./fuzz.mjs');
const { buildProgram } = await import(`${root}dist/cli/program.js`);
const { Context } = await import(`${root}dist/cli/context.js`);

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-fuzz-'));
const path = join(folder, 'capture');
afterAll(() => rmSync(folder, { recursive: true }));

describe('captures changed field by field, and files damaged, through every command', () => {
  it('the cases are all commands in all their formats', async () => {
    // `completion` wants all commands whole.
    const { commands } = await buildProgram(new Context(), ['completion']);
    const formats = commands.flatMap(
      (command: { name(): string; options: { long: string; argChoices?: string[] }[] }) =>
        command.options
          .filter(({ long }) => long === '--format' || long === '--as')
          .flatMap(({ argChoices = [] }) => argChoices.map((format) => `${command.name()} ${format}`)),
    );
    expect(formats.length).toBeGreaterThan(15);
    const known = new Set(CASES.map(([command, format]) => `${command} ${format}`));
    // The catalogue of findings reads no capture.
    const missing = formats.filter((format: string) => !known.has(format) && !format.startsWith('findings'));
    expect(missing).toEqual([]);
    const names = commands.map((command: { name(): string }) => command.name());
    const used = new Set(CASES.map(([command]) => command));
    expect(names.filter((name: string) => !used.has(name))).toEqual(['app', 'findings', 'mcp', 'completion', 'help']);
  });

  it('an untouched capture has something for each of them', async () => {
    writeFileSync(path, readFileSync(join(root, 'fixtures/linux-single-loss-sack.pcap')));
    for (const [, , args, read] of CASES) {
      const text = await run(
        args.map((word) => (word === 'FILE' ? path : word)),
        read,
      );
      expect(text, args.join(' ')).not.toBe('');
    }
  });

  it('an output that breaks its schema is noticed', async () => {
    const [, , , read] = CASES.find(([, format]) => format === 'ndjson')!;
    expect(() => read!('{"number": 1}')).toThrow('breaks');
  });

  it('there is every encapsulation that the decoders know (UPDATE_FUZZ=1 writes them anew)', () => {
    const byLink: Record<string, string[]> = {};
    for (const { linkType, bytes } of ENCAPSULATIONS) {
      byLink[linkType] ??= [];
      byLink[linkType].push(Buffer.from(bytes).toString('hex'));
    }
    const file = new URL('encapsulations.json', import.meta.url);
    const text = `${JSON.stringify(byLink, null, 2)}\n`;
    if (process.env.UPDATE_FUZZ) writeFileSync(file, text);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(byLink);
  });

  it('a seed always makes the same file, and another seed another', () => {
    expect(fileOf(7).equals(fileOf(7))).toBe(true);
    expect(fileOf(7).equals(fileOf(8))).toBe(false);
  });

  it('nothing is thrown, and JSON is what its schema says', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { failures } = await fuzz(seed, path, { commands: 4 });
      expect(failures).toEqual([]);
    }
  });
});
