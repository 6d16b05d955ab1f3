import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cold, fixture, output, tcpscope } from '../cli/tcpscope.ts';
import { writePcap } from '../support/pcap-file.ts';
import { hasChromium, launch, open } from './chromium.ts';
import { HOSTILE, hostileCapture, Pages } from './pages.ts';

const pages = new Pages();
let browser: Browser;
let many = '';
beforeAll(async () => {
  if (!hasChromium) return;
  browser = await launch();
  many = pages.many();
});
afterAll(async () => {
  await browser?.close();
  pages.remove();
});

const LOSS = fixture('linux-single-loss-sack.pcap');

const blank = (text: string) => text.replace(/\s+/g, ' ').trim();
/** Without the links, which the terminal has as commands. */
const statementsOf = async (page: Page) =>
  (await page.locator('[data-test=statement]').allInnerTexts()).map((text) =>
    blank(text).replace(/ connection \d+.*$/, ''),
  );
const rowTexts = (page: Page, grid: string): Promise<string[][]> =>
  page.evaluate(
    `[...document.querySelectorAll('[aria-label="${grid}"] .grid-body [role=row]')].map((row) => [...row.children].map((cell) => cell.innerText.trim()))`,
  );

/** Waits until an expression of the page is true; its policy lets nobody evaluate one inside of it. */
const settled = (page: Page, condition: string) =>
  expect.poll(() => page.evaluate(`Boolean(${condition})`), { timeout: 10_000, message: condition }).toBe(true);

/** Whether all of an element is in the window and in the box that scrolls it. */
const isInSight = (page: Page, selector: string) =>
  page.evaluate<boolean>(`(() => {
    const element = document.querySelector('${selector}');
    const { top, bottom } = element.getBoundingClientRect();
    const box = element.closest('.grid, .drawing')?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
    return top >= Math.max(0, box.top) && bottom <= Math.min(innerHeight, box.bottom);
  })()`);

/** What axe finds that keeps somebody from using a page, by all of its rules or by some. */
async function flawsOf(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async (only) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({
      // What is well is not described.
      resultTypes: ['violations'],
      ...(only && { runOnly: only }),
    });
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3)}`);
  }, rules);
}

describe('a report on the command line', () => {
  it('is one line on stderr where it cannot be written, and never takes the place of a capture', () => {
    mkdirSync(pages.path('folder'));
    for (const name of [pages.path('folder'), pages.path('missing/report.html')]) {
      const { status, stderr } = tcpscope(['report', LOSS, '-o', name]);
      expect(status).toBe(3);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    const capture = pages.file('own.pcap', readFileSync(LOSS));
    expect(tcpscope(['report', capture, '-o', capture]).status).toBe(2);
    expect(readFileSync(capture)).toEqual(readFileSync(LOSS));
  });

  it.each(['0', 'x', '-1', '5T', '1.5M'])('refuses a size of %s', (size) => {
    const { status, stderr } = tcpscope(['report', LOSS, '--max-size', size]);
    expect(status).toBe(2);
    expect(stderr).toContain('800K or 20M');
  });

  it('is no longer than it may be, or there is none', () => {
    const path = pages.path('least.html');
    const { status, stderr } = tcpscope(['report', LOSS, '--max-size', '10K', '-o', path]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--max-size 10.* is too small: the least page of these captures has \d+ KiB/);
    expect(existsSync(path)).toBe(false);
  });

  it('comes out of a pipe as out of a file', () => {
    const [file, pipe] = [pages.path('of-file.html'), pages.path('of-pipe.html')];
    expect(tcpscope(['report', LOSS, '-o', file]).status).toBe(0);
    expect(cold(['report', '-', '-o', pipe], { input: readFileSync(LOSS) }).status).toBe(0);
    const detail = (path: string) => /id="stream-0">([^<]*)</.exec(readFileSync(path, 'utf8'))![1];
    expect(detail(pipe)).toBe(detail(file));
  });
});

describe.skipIf(!hasChromium)('a report in Chromium', { timeout: 120_000 }, () => {
  it('says what the terminal says, in its words and numbers', async () => {
    for (const capture of [LOSS, fixture('linux-refused.pcap'), many]) {
      const { page, complaints } = await open(browser, pages.report([capture]));
      const terminal = blank(output(['--top', '500', capture]));
      const statements = await statementsOf(page);
      expect(statements.length).toBeGreaterThan(0);
      for (const statement of statements) expect(terminal).toContain(statement);
      expect(terminal).toContain(blank(await page.locator('[data-test=trust]').innerText()));
      if (capture === many) {
        const kinds = await page.locator('[data-test=kind]').allInnerTexts();
        expect(kinds.length).toBeGreaterThan(3);
        for (const kind of kinds) expect(terminal).toContain(blank(kind.replace(/^[✕▲•]\s*/, '')));
        const services = await page.locator('[data-test=service]').allInnerTexts();
        expect(services.length).toBeGreaterThan(4);
        for (const service of services) expect(terminal).toContain(blank(service));
        // The worst connections stand first, with the reasons of the terminal.
        const [first] = await rowTexts(page, 'Connections');
        expect(terminal).toContain(`${first[0]} ${first[1]} → ${first[2]} ${first[7]} ${first[8]}`);
      }
      expect(complaints).toEqual([]);
    }
  });

  it('sorts, searches and opens connections, with keys alone', async () => {
    const { page, complaints } = await open(browser, pages.report([many], '--streams', '400'));
    const json = JSON.parse(output(['--json', many]));
    const most = Math.max(...json.connections.map(({ packets }: { packets: number }) => packets));
    await page.getByRole('button', { name: 'packets', exact: true }).click();
    await settled(
      page,
      `document.querySelector('[aria-label=Connections] [aria-sort=descending]')?.innerText.includes('packets')`,
    );
    const packets = (await rowTexts(page, 'Connections')).map((row) => Number(row[5].replaceAll(',', '')));
    expect(packets[0]).toBe(most);
    expect(packets).toEqual([...packets].sort((a, b) => b - a));

    await page.getByRole('searchbox').fill('syn-unanswered');
    const wanted = json.connections.filter(({ findings }: { findings: { id: string }[] }) =>
      findings.some(({ id }) => id === 'syn-unanswered'),
    );
    expect(wanted.length).toBeGreaterThan(0);
    await settled(page, `document.querySelector('[data-test=shown]').innerText.startsWith('${wanted.length} of')`);
    const { client } = wanted[0];
    await page.getByRole('searchbox').fill(`${client.address}:${client.port}`);
    await settled(page, `document.querySelector('[data-test=shown]').innerText.startsWith('1 of')`);
    expect((await rowTexts(page, 'Connections'))[0][0]).toBe(String(wanted[0].stream));
    await page.getByRole('searchbox').fill('');
    await settled(page, `!document.querySelector('[data-test=shown]').innerText.includes('of')`);

    // The table is reached with Tab alone; its second row opens with Enter.
    await page.getByRole('searchbox').focus();
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(`document.activeElement.getAttribute('aria-label') === 'Connections'`)) break;
    }
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const second = (await rowTexts(page, 'Connections'))[1][0];
    await page.keyboard.press('Enter');
    await page.waitForSelector('.connection .title');
    expect(new URL(page.url()).hash).toBe(`#stream=${second}`);
    // What was opened is said and in sight.
    await settled(page, `document.activeElement.className === 'title'`);
    expect(await isInSight(page, '.title')).toBe(true);
    await page.waitForSelector('[aria-label=Packets]');
    await page.getByRole('grid', { name: 'Packets' }).focus();
    await page.keyboard.press('End');
    await page.waitForSelector('[data-test=packet]');
    const last = json.connections[Number(second)].lastPacket;
    expect(new URL(page.url()).hash).toBe(`#stream=${second}&packet=${last}`);
    await page.goBack();
    await page.waitForSelector('#connections');
    expect(complaints).toEqual([]);
  });

  it('leads from a finding to its packet, and from a link to a place', async () => {
    const url = pages.report([LOSS]);
    const { page, complaints } = await open(browser, `${url}#stream=0&packet=42`);
    await page.waitForSelector('[data-test=packet]');
    expect(await page.locator('[data-test=packet] h3').innerText()).toBe('Packet 42');
    expect((await page.locator('[aria-label=Packets] .selected').innerText()).split(/\s/)[0]).toBe('42');
    const link = page.locator('[data-test=finding] a').first();
    const number = (await link.innerText()).slice(1);
    await link.click();
    await settled(page, `document.querySelector('[data-test=packet] h3').innerText === 'Packet ${number}'`);
    expect(await page.locator('[aria-label=Packets] .selected').innerText()).toContain(number);
    await expect.poll(() => isInSight(page, '[aria-label=Packets] .selected')).toBe(true);
    expect(await page.locator('[data-test=finding].chosen a[aria-current]').first().innerText()).toBe(`#${number}`);
    // Once more, when the table was left: the address is the same.
    await page.evaluate('scrollTo(0, 0)');
    expect(await isInSight(page, '[aria-label=Packets] .selected')).toBe(false);
    await link.click();
    await expect.poll(() => isInSight(page, '[aria-label=Packets] .selected')).toBe(true);
    expect(new URL(page.url()).hash).toBe(`#stream=0&packet=${number}`);
    // An arrow of the sequence diagram too.
    await page.locator('.drawing [data-packet="2"] text').first().click();
    await settled(page, `document.querySelector('[data-test=packet] h3').innerText === 'Packet 2'`);
    await settled(page, `document.querySelector('.drawing .chosen').dataset.packet === '2'`);
    expect(await isInSight(page, '.drawing .chosen')).toBe(true);
    // The table of packets is followed by the diagram of states.
    await page.getByRole('grid', { name: 'Packets' }).focus();
    await page.keyboard.press('Home');
    await settled(page, `document.querySelector('[aria-label=states] [data-packet="1"].chosen')`);
    expect(complaints).toEqual([]);
  });

  it('zooms all pictures by drag, and marks one moment in all of them and in the packets', async () => {
    const { page, complaints } = await open(browser, pages.report([LOSS]));
    await page.waitForSelector('[data-test=sequence] .u-over');
    const all = await page.locator('[data-test=range]').innerText();
    await page.locator('[data-test=sequence]').scrollIntoViewIfNeeded();
    const box = (await page.locator('[data-test=sequence] .u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 50);
    await page.waitForSelector('[aria-label=Packets] .pointed', { state: 'attached' });
    const lines = await page
      .locator('.u-cursor-x')
      .evaluateAll((marks) => marks.map((mark) => Math.round(mark.getBoundingClientRect().x)));
    expect(lines.length).toBeGreaterThan(3);
    expect(Math.max(...lines) - Math.min(...lines)).toBeLessThanOrEqual(1);
    const drawing = () => page.evaluate(`document.querySelector('[data-test=rtt] canvas').toDataURL()`);
    const before = await drawing();
    await page.mouse.down();
    await page.mouse.move(box.x + (3 * box.width) / 4, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await settled(page, `document.querySelector('[data-test=range]').innerText !== ${JSON.stringify(all)}`);
    const [, length, unit] = /^([\d.]+) (\w+) from/.exec(await page.locator('[data-test=range]').innerText())!;
    // A quarter of 304 ms, and the margins of the axis.
    expect(unit).toBe('ms');
    expect(Number(length)).toBeGreaterThan(74);
    expect(Number(length)).toBeLessThan(81);
    expect(await drawing()).not.toBe(before);
    // The same without a mouse, and back.
    await page.getByRole('button', { name: 'all of the connection' }).press('Enter');
    await settled(page, `document.querySelector('[data-test=range]').innerText === ${JSON.stringify(all)}`);
    await page.getByRole('button', { name: 'zoom in' }).press('Enter');
    await settled(page, `document.querySelector('[data-test=range]').innerText.startsWith('155 ms from')`);
    // A picture that the pointer has left follows the table.
    const cursor = () => page.evaluate(`document.querySelector('[data-test=sequence] .u-cursor-x').style.transform`);
    await page.locator('[data-test=sequence] .u-over').hover();
    await page.getByRole('button', { name: 'all of the connection' }).press('Enter');
    await page.locator('[aria-label=Packets] .grid-body [role=row]').nth(3).hover();
    const third = await cursor();
    await page.locator('[aria-label=Packets] .grid-body [role=row]').nth(14).hover();
    await expect.poll(cursor).not.toBe(third);
    await page.getByRole('button', { name: 'zoom in' }).press('Enter');
    // A click on a picture chooses the packet of the moment.
    await page.locator('[data-test=sequence] .u-over').click();
    await page.waitForSelector('[data-test=packet]');
    expect(complaints).toEqual([]);
  });

  it('walks over exchanges with keys', async () => {
    const { page, complaints } = await open(browser, pages.report([fixture('seed-http-40-packets.pcap')]));
    const exchanges = page.getByRole('grid', { name: 'Exchanges' });
    await exchanges.focus();
    const chosen = async () => (await exchanges.locator('.selected').allInnerTexts()).map((row) => row.split(/\s/)[0]);
    const rows = await exchanges.locator('.grid-body [role=row]').count();
    for (let i = 0; i < rows; i++) {
      await page.keyboard.press('ArrowDown');
      await expect.poll(chosen).toEqual([String(i)]);
      expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Exchanges');
    }
    expect(complaints).toEqual([]);
  });

  it('says why it cannot be shown', async () => {
    const html = readFileSync(new URL(pages.report([LOSS])), 'utf8');
    const damaged = pages.file('damaged.html', html.replace(/(id="page">.{40})[^<]*/, '$1'));
    const { page } = await open(browser, pathToFileURL(damaged).href);
    await page.getByText('cannot be shown: the document "page" inside of it is damaged').waitFor();
    const context = await browser.newContext();
    await context.addInitScript('delete globalThis.DecompressionStream');
    const old = await context.newPage();
    await old.goto(pages.report([LOSS]));
    await old.getByText('cannot be shown: this browser is too old').waitFor();
    await context.close();
  });

  it('opens the connection that is searched for at once', async () => {
    const { page } = await open(browser, pages.report([many]));
    const json = JSON.parse(output(['--json', many]));
    const { client, stream } = json.connections[77];
    await page.getByRole('searchbox').focus();
    await page.keyboard.insertText(`${client.address}:${client.port}`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.connection .title');
    expect(new URL(page.url()).hash).toBe(`#stream=${stream}`);
  });

  it('shows what was carried as text and as bytes', async () => {
    const { page } = await open(browser, pages.report([fixture('seed-http-40-packets.pcap')]));
    await page.waitForSelector('.carried');
    expect(await page.locator('.carried').innerText()).toContain('GET ');
    await page.getByRole('button', { name: 'hex' }).click();
    // "GET " in hex, at the beginning of the client's stream.
    await settled(page, `document.querySelector('.carried').innerText.includes('00000000  47 45 54 20')`);
  });

  it('obeys nothing that comes from the wire or from names', async () => {
    const name = '<img src=x onerror=globalThis.hit=1>\u202e\x1b[2J.pcapng';
    const url = pages.report([pages.file(name, hostileCapture())]);
    const html = readFileSync(new URL(url), 'utf8');
    expect(html).not.toContain('globalThis.hit=1</script>');
    const { page, complaints } = await open(browser, `${url}#stream=0&packet=4`);
    await page.waitForSelector('.carried');
    expect(await page.evaluate('globalThis.hit')).toBeUndefined();
    const text = await page.locator('body').innerText();
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    expect(text).toContain('\\x1b]0;t\\x07');
    expect(text).toContain('\\u202egpj.exe');
    expect(text).toContain('</script><script>globalThis.hit=1</script>');
    expect(await page.title()).not.toContain('\u202e');
    expect(await page.locator('img').count()).toBe(0);
    expect(HOSTILE).toContain('\0');
    expect(complaints).toEqual([]);
  });

  it('of a capture without TCP says so', async () => {
    const arp = Uint8Array.from({ length: 60 }, (_, i) => (i === 12 ? 8 : i === 13 ? 6 : 0));
    const capture = pages.file(
      'arp.pcap',
      writePcap({ linkType: 1, resolution: 'us', byteOrder: 'little', snaplen: 65535 }, [{ time: 1n, bytes: arp }]),
    );
    const { page, complaints } = await open(browser, pages.report([capture]));
    expect(await statementsOf(page)).toEqual(['There is no TCP connection in the capture.']);
    expect(await page.locator('[data-test=trust]').innerText()).toContain('Capture:');
    expect(complaints).toEqual([]);
  });

  it('keeps to its bounds, and says what it leaves out', async () => {
    const url = pages.report([many], '--streams', '1', '--no-payload');
    const { page } = await open(browser, url);
    expect(await page.locator('.left-out').innerText()).toMatch(/1 of 120 connections are here in full.*--streams 1/s);
    expect(await page.locator('.left-out').innerText()).toContain('--no-payload');
    const [worst, next] = await rowTexts(page, 'Connections');
    await page.goto(`${url}#stream=${worst[0]}`);
    await page.waitForSelector('[aria-label=Packets]');
    expect(await page.locator('.carried').count()).toBe(0);
    await page.goto(`${url}#stream=${next[0]}`);
    await page.getByText('not in the page in full').waitFor();
    expect(await page.locator('code').innerText()).toContain(`--stream ${next[0]} -o`);
    await page.goto(`${url}#stream=4711`);
    await page.getByText('There is no connection 4711').waitFor();
    const small = pages.report([many], '--max-size', '300K', '--streams', '400');
    expect(pages.size(small)).toBeLessThanOrEqual(300 * 1024);
    expect(pages.size(small)).toBeGreaterThan(250 * 1024);
  });

  it.each([
    ['light', undefined],
    // Nothing but the colours differs.
    ['dark', ['color-contrast', 'link-in-text-block']],
  ] as const)('has no serious flaw for those who use other means, %s', async (colorScheme, rules) => {
    // axe is brought in from outside, which the policy of the page would refuse.
    const look = { colorScheme, bypassCSP: true };
    const { page } = await open(browser, `${pages.report([LOSS])}#stream=0&packet=100`, look);
    await page.waitForSelector('[data-test=packet]');
    expect(await flawsOf(page, rules && [...rules])).toEqual([]);
    for (const other of [pages.app(), pages.report([many])]) {
      const start = await open(browser, other, look);
      expect(await flawsOf(start.page, rules && [...rules])).toEqual([]);
    }
  });

  it('fits a phone', async () => {
    const { page } = await open(browser, pages.report([LOSS]), { viewport: { width: 390, height: 844 } });
    await page.waitForSelector('[aria-label=Packets]');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  it('shows on a phone all columns of what went wrong, however long a name is', async () => {
    const { page } = await open(browser, pages.report([fixture('linux-slow-reader.pcap')]), {
      viewport: { width: 390, height: 844 },
    });
    await page.waitForSelector('[data-test=kind]');
    const tables = `[...document.querySelectorAll('.kinds')].map((table) => {
      const name = table.querySelector('tbody button');
      name.textContent = 'silly window: the receiver opens its window in very small steps';
      const { scrollWidth, clientWidth } = table.parentElement;
      return scrollWidth - clientWidth;
    })`;
    expect(await page.evaluate(tables)).toEqual([0]);
  });

  it('prints the first rows of its tables', async () => {
    const { page } = await open(browser, pages.report([LOSS]));
    await page.waitForSelector('[aria-label=Packets]');
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    await settled(page, `document.querySelectorAll('[aria-label=Packets] .grid-body [role=row]').length === 100`);
  });

  it('prints dark ink on light paper, whatever the screen has', async () => {
    const drawn = async (colorScheme: 'light' | 'dark', isPrinted: boolean) => {
      const { page } = await open(browser, pages.report([LOSS]), { colorScheme });
      await page.waitForSelector('[data-test=rtt] canvas');
      await page.waitForSelector('[aria-label=Packets]');
      if (isPrinted) await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
      const picture = await page.evaluate(`document.querySelector('[data-test=rtt] canvas').toDataURL()`);
      return picture;
    };
    const light = await drawn('light', false);
    expect(await drawn('dark', false)).not.toBe(light);
    expect(await drawn('dark', true)).toBe(light);
  });
});

describe.skipIf(!hasChromium)('the analyzer in Chromium', { timeout: 120_000 }, () => {
  it('says what the command line says: of files, gzip, several, and pasted text', async () => {
    const url = pages.app();
    const { page, complaints } = await open(browser, url);
    const seed = fixture('seed-loopback-echo.pcap');
    const zipped = pages.file('loss.pcap.gz', gzipSync(readFileSync(LOSS)));
    const members = pages.file('twice.gz', Buffer.concat([readFileSync(zipped), gzipSync(readFileSync(seed))]));
    const cases = [[LOSS], [zipped], [LOSS, seed], [members]];
    for (const files of cases) {
      await page.setInputFiles('[data-test=files]', files);
      await page.waitForSelector('[data-test=statement]');
      const terminal = blank(tcpscope(files).stdout);
      for (const statement of await statementsOf(page)) expect(terminal).toContain(statement);
      expect(terminal).toContain(blank(await page.locator('[data-test=trust]').innerText()));
      await page.getByRole('button', { name: 'another capture' }).click();
    }
    await page.getByLabel('Or paste').fill(readFileSync(fixture('seed-loopback-echo.txt'), 'utf8'));
    await page.getByRole('button', { name: 'Analyse the text' }).click();
    await page.waitForSelector('[data-test=packet], [aria-label=Packets]');
    const terminal = blank(output([fixture('seed-loopback-echo.txt')]));
    for (const statement of await statementsOf(page)) expect(terminal).toContain(statement);
    expect(complaints).toEqual([]);
  });

  it('opens a connection in full, as a report has it', async () => {
    const { page } = await open(browser, pages.app());
    await page.setInputFiles('[data-test=files]', [LOSS]);
    await page.waitForSelector('[aria-label=Packets]');
    const own = await rowTexts(page, 'Packets');
    const report = await open(browser, pages.report([LOSS]));
    await report.page.waitForSelector('[aria-label=Packets]');
    expect(own.length).toBeGreaterThan(20);
    expect(await rowTexts(report.page, 'Packets')).toEqual(own);
  });

  it('reads only the connection that was opened last, shows how far it is, and says when the engine fails', async () => {
    const context = await browser.newContext();
    // The engine analyses the capture; what it is asked for of single connections is answered here.
    await context.addInitScript(`
      globalThis.asked = [];
      globalThis.Worker = class extends Worker {
        constructor(url) { super(url); globalThis.engine = this; }
        postMessage(data) { if (data.type === 'detail') asked.push(data.stream); else super.postMessage(data); }
      };`);
    const page = await context.newPage();
    await page.goto(pages.app());
    await page.setInputFiles('[data-test=files]', [many]);
    await page.waitForSelector('[data-test=statement]');
    for (const stream of [1, 2, 3]) {
      await page.evaluate(`location.hash = '#stream=${stream}'`);
      await page.getByText(`Reading connection ${stream}`).waitFor();
      await settled(page, `document.querySelector('.title').innerText.startsWith('Connection ${stream}:')`);
    }
    await settled(page, 'asked.length > 0');
    expect(await page.evaluate('asked')).toEqual([1]);
    await page.evaluate(`engine.onmessage({ data: { type: 'error', stream: 1, text: 'nobody waits for it' } })`);
    await settled(page, 'asked.length > 1');
    expect(await page.evaluate('asked')).toEqual([1, 3]);
    await page.evaluate(`engine.onmessage({ data: { type: 'progress', read: 10, whole: 100 } })`);
    await settled(page, `document.querySelector('.connection progress').value === 10`);
    await page.evaluate(`engine.onerror({ message: 'out of memory' })`);
    for (const stream of [3, 5]) {
      await page.evaluate(`location.hash = '#stream=${stream}'`);
      await settled(page, `document.querySelector('.title').innerText.startsWith('Connection ${stream}:')`);
      await page.locator('.connection').getByText('out of memory').waitFor();
    }
    expect(await page.locator('body').innerText()).not.toContain('nobody waits');
    await context.close();
  });

  it('says what is wrong with a file', async () => {
    const { page, complaints } = await open(browser, pages.app());
    await page.setInputFiles('[data-test=files]', [pages.file('notes.txt', 'no capture at all')]);
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('[role=alert]').innerText()).toContain('text without a hex dump');
    await page.setInputFiles('[data-test=files]', [LOSS]);
    await page.waitForSelector('[data-test=statement]');
    expect(complaints).toEqual([]);
  });
});
