import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, fixture } from '../cli/tcpscope.ts';
import { build } from '../support/built.ts';
import { root } from './installed.ts';

/** Blocks of TypeScript in the documentation. They are plain JavaScript too, so that Node runs them as they are. */
const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const EXAMPLES = PAGES.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
    ([, code], i) => [`${page} ${i + 1}`, code] as const,
  ),
);

/** What an example takes for granted: it shows lines of a test. */
const BEFORE = `import { expect } from 'vitest';
declare const buffer: Uint8Array, stream: AsyncIterable<Uint8Array>, capture: string;
`;
const isOfTest = (code: string) => code.includes('tcpscope/vitest');

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  build();
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/tcpscope'));
  for (const name of ['vitest', '@types/node'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  // A loss that is repaired: something to tell.
  for (const name of ['trace.pcap', 'client.pcap', 'server.pcap'])
    copyFileSync(fixture('linux-single-loss-sack.pcap'), join(folder, name));
  for (const [i, [, code]] of EXAMPLES.entries()) {
    writeFileSync(join(folder, `example${i}.ts`), isOfTest(code) ? BEFORE + code : code);
    writeFileSync(join(folder, `example${i}.mjs`), code);
  }
}, 120_000);

describe('the examples of the library in the documentation', () => {
  it('are there', () => expect(EXAMPLES.length).toBeGreaterThanOrEqual(6));

  it('fit the types that the package publishes', { timeout: 120_000 }, () => {
    const options = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    };
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  const runnable = EXAMPLES.map(([name, code], i) => [name, code, i] as const).filter(([, code]) => !isOfTest(code));
  it.each(runnable)('run: %s', (name, code, i) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`example${i}.mjs`], {
      cwd: folder,
      encoding: 'utf8',
      env: environment(),
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    if (code.includes('CaptureError')) expect(stdout).toMatch(/^at byte \d+: expected .+, found .+\n$/);
    if (name.startsWith('docs/') && code.includes('packet.verdict?.kind')) expect(stdout).toContain('100');
    if (code.includes('report.connections')) expect(stdout).toContain('sent 201448 bytes to 10.9.0.2:5001');
  });
});
