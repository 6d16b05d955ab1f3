import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, output, tcpscope } from '../cli/tcpscope.ts';
import { hasChromium, launch, open } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-page-'));
let browser: Browser;
beforeAll(async () => {
  if (hasChromium) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

function report(name: string, captures: readonly string[], ...options: string[]): string {
  const path = join(folder, `${name}.html`);
  const { status, stderr } = tcpscope(['report', ...captures, '-o', path, ...options]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return pathToFileURL(path).href;
}

describe.skipIf(!hasChromium)('a report in Chromium', () => {
  it('opens without a complaint and says what the terminal says', async () => {
    const { page, complaints } = await open(browser, report('loss', [fixture('linux-single-loss-sack.pcap')]));
    const statements = await page.locator('[data-test=statement]').allInnerTexts();
    const terminal = output([fixture('linux-single-loss-sack.pcap')]).replace(/\s+/g, ' ');
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) expect(terminal).toContain(statement.replace(/ connection \d+.*$/, ''));
    await page.waitForSelector('[data-test=sequence] canvas');
    expect(complaints).toEqual([]);
  });
});
