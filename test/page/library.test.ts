import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyze } from '../../src/index.ts';
import { fixture, root } from '../cli/tcpscope.ts';
import { hasChromium, launch } from './chromium.ts';

const path = fixture('linux-single-loss-sack.pcap');
let code = '';
const unresolved: string[] = [];

beforeAll(async () => {
  // What a bundler takes that knows the browser's condition, by the name of the package.
  const entry = join(root, 'test/page/entry.js');
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    cwd: root,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? "export * from 'tcpscope';" : null),
      },
    ],
    onLog: (_, { code: kind, message }) => {
      if (kind === 'UNRESOLVED_IMPORT') unresolved.push(message);
    },
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'tcpscope' });
  await bundle.close();
  code = output[0].code;
});

describe('the library for browsers', () => {
  it('asks for no module of Node and no package', () => {
    expect(unresolved).toEqual([]);
    expect(code).toContain('analyzeCapture');
    expect(code).not.toMatch(/['"]node:/);
    expect(code).not.toMatch(/createRequire|__require/);
  });

  describe.skipIf(!hasChromium)('in Chromium', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(() => browser?.close());

    it('says the same as in Node, of bytes, of a file, of a stream, and of gzip', async () => {
      const page = await browser.newPage();
      await page.addScriptTag({ content: code });
      const bytes = [...readFileSync(path)];
      const reports = await page.evaluate(async (numbers) => {
        const { analyze: run } = (globalThis as unknown as { tcpscope: typeof import('../../src/browser/index.ts') })
          .tcpscope;
        const whole = Uint8Array.from(numbers);
        const zipped = new Blob([whole]).stream().pipeThrough(new CompressionStream('gzip'));
        const inputs = [whole, new Blob([whole]), new Blob([whole]).stream(), zipped];
        const texts: string[] = [];
        for (const input of inputs) texts.push(JSON.stringify(await run(input)));
        return texts;
      }, bytes);
      const expected = JSON.parse(JSON.stringify(await analyze(path)));
      const [file] = expected.capture.files;
      for (const [i, text] of reports.entries()) {
        const files = [{ ...file, name: 'input', compression: i === 3 ? 'gzip' : null }];
        expect(JSON.parse(text)).toEqual({ ...expected, capture: { ...expected.capture, files } });
      }
    });
  });
});
