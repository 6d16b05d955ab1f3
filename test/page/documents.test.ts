import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';
import { inflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Context } from '../../src/cli/context.ts';
import { pageDocuments } from '../../src/cli/page-documents.ts';
import { DetailBuilder } from '../../src/page/build/detail.ts';
import { embeddedLength } from '../../src/page/document.ts';
import type { PageData } from '../../src/page/model.ts';
import { unpack } from '../../src/page/pack.ts';
import { Pages } from './pages.ts';

/** From the packet on that a connection in full has, at the second reading, everything that V8 allows seems to be in use. */
function fillAtSecondReading(): void {
  const statistics = v8.getHeapStatistics();
  vi.spyOn(DetailBuilder.prototype, 'segment').mockImplementationOnce(() => {
    vi.spyOn(v8, 'getHeapStatistics').mockReturnValue({ ...statistics, used_heap_size: statistics.heap_size_limit });
    // What is imported by its name is another variable (node:module).
    syncBuiltinESMExports();
  });
}

const pages = new Pages();
let many = '';
beforeAll(() => {
  many = pages.many();
});
afterAll(() => pages.remove());
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

async function documents(bounds: { streams?: number; size?: number }, partsLength = 0) {
  let stderr = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
    stderr += part;
    return true;
  });
  const context = new Context();
  const whole = { streams: 200, size: 20e6, hasPayload: false, ...bounds };
  const embedded = (await pageDocuments([many], {}, whole, partsLength, context))!;
  const page = unpack<PageData>(inflateRawSync(embedded[0].bytes));
  const length = embedded.reduce((sum, document) => sum + embeddedLength(document), partsLength);
  return { embedded, page, length, stderr, status: context.status };
}

describe('the documents of a page', () => {
  it('hold what there was room for where only the second reading finds the memory full', async () => {
    const all = await documents({});
    expect(all.embedded.length).toBe(121);
    fillAtSecondReading();
    const cut = await documents({});
    const rows = cut.page.connections.stream.length;
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(120);
    expect(cut.embedded.length - 1).toBeLessThanOrEqual(rows);
    expect(cut.page.leftOut.join(' ')).toMatch(/came after packet [\d,]+: the memory was nearly full/);
    expect(cut.stderr.match(/the memory is nearly full after/g)).toHaveLength(1);
    expect(cut.status).not.toBe(0);
  });

  it('fit into any size that holds the answer, and there is an error below it', async () => {
    const parts = 1000;
    const message = await documents({ size: 1 }, parts).catch((error: Error) => error.message);
    expect(message).toMatch(/--max-size 1 B is too small: the least page of these captures has [\d.]+ KiB/);
    for (let size = parts + 10_000; size < parts + 100_000; size = Math.floor(1.9 * size)) {
      const { length, page, embedded } = await documents({ size }, parts);
      expect(length).toBeLessThanOrEqual(size);
      expect(page.connections.stream.length).toBeGreaterThan(0);
      const said = page.leftOut.some((text) => text.startsWith('The rows of'));
      expect(said).toBe(page.connections.stream.length < 120);
      expect(embedded.length).toBeLessThan(121);
    }
  });

  it('give the table at most half of the room while connections are wanted in full', async () => {
    many = pages.many(700);
    const rows = ({ page }: { page: PageData }) => page.connections.stream.length;
    const all = await documents({ streams: 0 });
    expect(rows(all)).toBe(700);
    // The size of a page with the whole table alone.
    const size = all.length + 200;
    expect(rows(await documents({ streams: 0, size }))).toBe(700);
    const shared = await documents({ size });
    expect(rows(shared)).toBeGreaterThan(200);
    expect(rows(shared)).toBeLessThan(700);
    expect(shared.embedded.length).toBeGreaterThan(1);
    expect(shared.length).toBeGreaterThan(0.9 * size);
    expect(shared.length).toBeLessThanOrEqual(size);
  });
});
