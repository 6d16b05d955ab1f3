// How quick the pages are in Chromium, on this machine: a report of a connection of 100,000 packets until it can be used, the
// longest task while its tables are scrolled and its pictures zoomed, a table of 100,000 connections, and the analyzer in the browser
// beside the command line on the same capture, in alternation.
//
//     node test/bench/page.mjs [--megabytes 100] [--rounds 3] [--only long,many,app]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { generate } from './generate.mjs';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path));
if (executablePath === undefined) {
  console.error('no Chromium here: nothing is measured');
  process.exit(1);
}
/** With it the one connection is neither refused nor left unanswered. */
const SEED_OF_ONE = 4;
const root = new URL('../../', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'tcpscope-bench-'));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const parts = { long: longConnection, many: manyConnections, app: besideTheCommandLine };
  for (const name of values.only?.split(',') ?? Object.keys(parts)) await parts[name]();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

function tcpscope(...args) {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['bin/tcpscope.js', ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - begin;
}

function report(capture, ...options) {
  const path = join(folder, 'report.html');
  const took = tcpscope('report', capture, '-o', path, ...options);
  console.log(`  report written in ${seconds(took)}, ${megabytes(statSync(path).size)}`);
  return pathToFileURL(path).href;
}

/** A page that notes every task that kept it busy for more than 50 ms. */
async function opened(url, ready) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.tasks.push(Math.round(duration));
    }).observe({ entryTypes: ['longtask'] });
  });
  const begin = performance.now();
  await page.goto(url);
  await page.waitForSelector(ready);
  // Two frames: what is there has been drawn.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return { page, took: performance.now() - begin };
}

async function longestTask(page, act) {
  await page.waitForTimeout(300);
  await page.evaluate('globalThis.tasks.length = 0');
  await act();
  await page.waitForTimeout(300);
  const tasks = await page.evaluate('globalThis.tasks');
  return tasks.length === 0 ? 'none over 50 ms' : `${Math.max(...tasks)} ms (${tasks.length} over 50 ms)`;
}

function scrolling(page, selector) {
  return () =>
    page.evaluate(async (wanted) => {
      const table = document.querySelector(wanted);
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      for (let i = 0; i <= 120; i++) {
        table.scrollTop = (table.scrollHeight * i) / 120;
        await frame();
      }
    }, selector);
}

async function longConnection() {
  console.log('A connection of 100,000 packets');
  const capture = join(folder, 'long.pcap');
  generate({ packets: 103_500, bytes: 90_000_000, connections: 1, seed: SEED_OF_ONE, out: capture });
  const { page, took } = await opened(report(capture), '[aria-label=Packets] .grid-body [role=row]');
  const packets = Number(await page.getByRole('grid', { name: 'Packets' }).getAttribute('aria-rowcount')) - 1;
  if (packets < 100_000) throw new Error(`the connection has ${packets} packets only: choose another seed`);
  console.log(`  to be used after ${seconds(took)}`);
  console.log(
    `  longest task while the packets are scrolled: ${await longestTask(page, scrolling(page, '[aria-label=Packets]'))}`,
  );
  const over = await page.locator('[data-test=sequence] .u-over').boundingBox();
  const zoom = async () => {
    for (let i = 0; i < 8; i++) await page.getByRole('button', { name: 'zoom in' }).click();
    await page.getByRole('button', { name: 'all of the connection' }).click();
  };
  console.log(`  while the pictures are zoomed: ${await longestTask(page, zoom)}`);
  const hover = async () => {
    for (let i = 0; i < 60; i++) await page.mouse.move(over.x + (over.width * i) / 60, over.y + 20);
  };
  console.log(`  while the pointer moves over them: ${await longestTask(page, hover)}`);
  await page.close();
}

async function manyConnections() {
  console.log('100,000 connections');
  const capture = join(folder, 'many.pcap');
  generate({ packets: 1_100_000, bytes: 120_000_000, connections: 100_000, seed: 5, out: capture });
  const { page, took } = await opened(
    report(capture, '--streams', '5'),
    '[aria-label=Connections] .grid-body [role=row]',
  );
  console.log(`  to be used after ${seconds(took)}`);
  console.log(
    `  longest task while they are scrolled: ${await longestTask(page, scrolling(page, '[aria-label=Connections]'))}`,
  );
  const sort = () => page.getByRole('button', { name: 'lasted' }).click();
  console.log(`  while they are sorted: ${await longestTask(page, sort)}`);
  const search = () => page.getByRole('searchbox').pressSequentially('10.0.1', { delay: 60 });
  console.log(`  while they are searched: ${await longestTask(page, search)}`);
  await page.close();
}

async function besideTheCommandLine() {
  console.log(`The analyzer in the browser, ${values.megabytes} MB`);
  const capture = join(folder, 'large.pcap');
  const bytes = Number(values.megabytes) * 1e6;
  generate({ packets: Math.round(bytes / 800), bytes, connections: Math.round(bytes / 42000), seed: 2, out: capture });
  const app = join(folder, 'app.html');
  tcpscope('app', '-o', app);
  const [own, others] = [[], []];
  for (let i = 0; i < Number(values.rounds); i++) {
    own.push(tcpscope(capture));
    const { page } = await opened(pathToFileURL(app).href, '[type=submit]');
    await page.setInputFiles('[data-test=files]', capture);
    const begin = performance.now();
    await page.waitForSelector('[data-test=statement]', { timeout: 600_000 });
    others.push(performance.now() - begin);
    await page.close();
  }
  const [command, inBrowser] = [Math.min(...own), Math.min(...others)];
  console.log(
    `  command line ${seconds(command)}, browser ${seconds(inBrowser)}: ${(inBrowser / command).toFixed(2)} times`,
  );
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
