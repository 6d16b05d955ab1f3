import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = [process.env.CHROMIUM, ...PATHS].find((path) => path !== undefined && existsSync(path));

/** Whether there is a browser to test pages in; `.ci/run` installs one. */
export const hasChromium = executablePath !== undefined;
if (!hasChromium) console.warn('no Chromium here: the pages are not tested in a browser');

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
}

/** A page, and everything that it should not do. */
export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console, violations of its policy, exceptions, and requests. */
  readonly complaints: string[];
}

/** The page of each browser for each way to look at it: a new one takes more than twice the time of what it shows. */
const opened = new WeakMap<Browser, Map<string, Page>>();

async function emptyPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const pages = opened.get(browser) ?? new Map<string, Page>();
  opened.set(browser, pages);
  const look = JSON.stringify(options);
  const known = pages.get(look);
  if (known !== undefined) {
    for (const event of ['console', 'pageerror', 'request']) known.removeAllListeners(event);
    await known.goto('about:blank');
    await known.mouse.move(0, 0);
    return known;
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  pages.set(look, page);
  return page;
}

/** Shows a document; what was opened with the same options before is gone then. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const page = await emptyPage(browser, options);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url.split('#')[0] && !request.url().startsWith('blob:'))
      complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector('main > *');
  return { page, complaints };
}
