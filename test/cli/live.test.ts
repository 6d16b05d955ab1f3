import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { floodBlocks } from '../bench/flood.mjs';
import { bin, ending, fixture, output, root, start } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'short.pcap0');
writeFileSync(file, Buffer.concat([...floodBlocks({ kind: 'short', packets: 400, gap: 10_000 })]));

const hasPython = spawnSync('python3', ['-c', 'import pty, termios']).status === 0;
const [ENTER, LEAVE] = ['\x1b[?1049h\x1b[?25l', '\x1b[?25h\x1b[?1049l'];

type Step = [wait: string, seconds: number, action: string | { signal: number }];

/** The command in a terminal of 100 columns and 24 rows, with these keys. */
function inTerminal(args: readonly string[], steps: readonly Step[]) {
  const pty = fileURLToPath(new URL('in-terminal.py', import.meta.url));
  const { stdout } = spawnSync('python3', [pty, JSON.stringify(steps), process.execPath, bin, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
  });
  return JSON.parse(stdout) as { output: string; found: boolean[]; status: number | null; restored: boolean };
}

const following = ['live', '--interval', '0.2', '--follow', join(folder, 'short.pcap*')];

describe('live without a terminal', () => {
  it('ends with the figures of all, and each finding once', () => {
    const text = output(['live', fixture('linux-answer-tail-loss.pcap')]);
    const lines = text.trimEnd().split('\n');
    const figures = lines.filter((line) => /^\d{4}-|^- /.test(line));
    const { connections } = JSON.parse(output(['--json', fixture('linux-answer-tail-loss.pcap')]));
    expect(figures.at(-1)).toContain('111 packets');
    const wanted = connections.flatMap(({ findings }: { findings: { severity: string; text: string }[] }) =>
      findings.filter(({ severity }) => severity !== 'info').map(({ text }) => text),
    );
    expect(wanted.length).toBeGreaterThan(0);
    for (const finding of wanted) expect(text.split(finding)).toHaveLength(2);
    expect(text).not.toContain('\x1b');
  });

  it('tells a flood while it runs, once', { timeout: 40_000 }, async () => {
    const child = start(['live', '--interval', '0.2', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const over = ending(child);
    for (const block of floodBlocks({ kind: 'syn', packets: 30_000 })) child.stdin!.write(block);
    const isTold = () => text.includes('error: 198.51.100.1:80 got ');
    for (let i = 0; i < 300 && !isTold(); i++) await sleep(100);
    expect(isTold()).toBe(true);
    child.stdin!.end();
    await over;
    expect(text.split('SYNs from').length).toBe(2);
  });
});

describe.skipIf(!hasPython)('live in a terminal', { timeout: 60_000 }, () => {
  it('shows connections, sorts, filters, opens one, and restores the terminal at q', () => {
    const {
      output: text,
      found,
      status,
      restored,
    } = inTerminal(following, [
      ['10.0.0.', 20, 'b'],
      ['by bytes', 10, '/'],
      ['with _', 10, '0.0.7:'],
      ['with 0.0.7:_', 10, '\r'],
      ['> 7', 10, '\r'],
      ['history', 10, 'p'],
      ['paused', 10, 'q'],
    ]);
    expect(found).toEqual([true, true, true, true, true, true, true]);
    expect(status).toBe(0);
    expect(restored).toBe(true);
    expect(text.indexOf(ENTER)).toBeGreaterThanOrEqual(0);
    // What is left on the screen is one line of figures.
    expect(text.slice(text.lastIndexOf(LEAVE) + LEAVE.length)).toMatch(/^\d{4}-.*400 packets.*\r\n/);
    for (const line of text.slice(0, text.lastIndexOf(LEAVE)).split(/\r+\n|\x1b\[H/)) {
      expect(line.replace(/\x1b\[[?0-9]*[A-Za-z]/g, '').length).toBeLessThanOrEqual(100);
    }
  });

  it.each([
    ['Ctrl-C', '\x03', 0],
    ['SIGINT', { signal: 2 }, 130],
    ['SIGTERM', { signal: 15 }, 143],
    ['SIGHUP', { signal: 1 }, -1],
  ])('restores it at %s', (_, action, expected) => {
    const { output: text, status, restored } = inTerminal(following, [['10.0.0.', 20, action]]);
    expect(status).toBe(expected);
    expect(restored).toBe(true);
    expect(text.split(ENTER)).toHaveLength(2);
    expect(text.split(LEAVE)).toHaveLength(2);
  });

  it('restores it when the input ends, and when it is no capture', () => {
    for (const name of [file, fixture('README.md')]) {
      const { output: text, status, restored } = inTerminal(['live', name], []);
      expect(status).toBe(name === file ? 0 : 3);
      expect(restored).toBe(true);
      expect(text.split(LEAVE)).toHaveLength(text.split(ENTER).length);
    }
  });
});
