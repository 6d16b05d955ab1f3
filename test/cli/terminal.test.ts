import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { progressText } from '../../src/cli/progress.ts';
import { wantsColor } from '../../src/cli/terminal.ts';
import { bin, ending, environment, fixture, output, root, start, tcpscope, waiting } from './tcpscope.ts';

const ESCAPE = '\x1b';
const ECHO = 'fixtures/linux-echo.pcap';

describe('colours', () => {
  // Columns: terminal, --color, environment, wanted. no-color.org, force-color.org, bixense.com/clicolors.
  it.each([
    [true, 'auto', {}, true],
    [false, 'auto', {}, false],
    [true, 'auto', { NO_COLOR: '1' }, false],
    [true, 'auto', { NO_COLOR: '' }, true],
    [true, 'auto', { TERM: 'dumb' }, false],
    [true, 'auto', { CLICOLOR: '0' }, false],
    [false, 'auto', { FORCE_COLOR: '1' }, true],
    [false, 'auto', { FORCE_COLOR: '' }, true],
    [true, 'auto', { FORCE_COLOR: '0' }, false],
    [false, 'auto', { CLICOLOR_FORCE: '1' }, true],
    [false, 'auto', { CLICOLOR_FORCE: '0' }, false],
    [false, 'auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [false, 'always', { NO_COLOR: '1' }, true],
    [true, 'never', { FORCE_COLOR: '1' }, false],
  ] as const)('terminal %s, --color %s, %j: %s', (isTerminal, choice, env, wanted) => {
    expect(wantsColor(isTerminal, choice, env)).toBe(wanted);
  });

  it('stay out of pipes, and come when they are forced', () => {
    expect(output([ECHO])).not.toContain(ESCAPE);
    expect(output(['--color', 'always', ECHO])).toContain(ESCAPE);
    expect(output([ECHO], { env: { FORCE_COLOR: '1' } })).toContain(ESCAPE);
    // Node itself warns on stderr when both are set and somebody asks it for the depth of colour.
    expect(output(['--color', 'always', ECHO], { env: { NO_COLOR: '1' } })).toContain(ESCAPE);
    expect(output(['packets', '--color', 'never', ECHO], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).not.toContain(
      ESCAPE,
    );
  });

  it('come to help and messages as well', () => {
    for (const args of [['--help'], ['packets', '--help']]) {
      const plain = output(args);
      expect(plain).not.toContain(ESCAPE);
      for (const colour of [['--color=always'], ['--color', 'always']]) {
        const text = output([...args, ...colour]);
        expect(text).toContain(ESCAPE);
        expect(text.replace(/\x1b\[[\d;]*m/g, '')).toBe(plain);
      }
    }
    expect(tcpscope(['--color=always', 'packets', '--stream', '9', ECHO]).stderr).toContain(ESCAPE);
    expect(tcpscope(['--color=never', '--stream', '9', ECHO], { env: { FORCE_COLOR: '1' } }).stderr).not.toContain(
      ESCAPE,
    );
  });

  it('are taken away by --no-color too, wherever it stands', () => {
    for (const args of [
      ['--no-color', ECHO],
      ['packets', ECHO, '--no-color'],
      ['packets', '--help', '--no-color'],
    ])
      expect(output(args, { env: { FORCE_COLOR: '1' } })).not.toContain(ESCAPE);
  });

  it('change nothing but the colour', () => {
    for (const args of [[], ['packets'], ['states']]) {
      const plain = output([...args, ECHO]);
      expect(output([...args, '--color', 'always', ECHO]).replace(/\x1b\[[\d;]*m/g, '')).toBe(plain);
    }
  });
});

describe('what comes from outside', () => {
  it('is escaped on the way to the terminal', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
    const path = join(folder, `${ESCAPE}]0;title\x07\u202efile.pcap`);
    try {
      symlinkSync(fixture('linux-echo.pcap'), path);
      const { stdout } = tcpscope([path]);
      expect(stdout).toContain('\\x1b]0;title\\x07\\u202efile.pcap');
      expect(stdout).not.toContain(ESCAPE);
      const { stderr } = tcpscope([`${ESCAPE}[2J`]);
      expect(stderr).toContain('\\x1b[2J is neither a file');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('progress', () => {
  it('says how far, how fast and how long still', () => {
    // 250 MB of 1 GB in 2 s: 125 MB/s (119 MiB/s), and 6 s are left.
    expect(progressText(250e6, 1e9, 300_000, 2)).toBe('reading: 25 %, 300,000 packets, 119 MiB/s, 6 s left');
    expect(progressText(4096, null, 12, 2)).toBe('reading: 4.00 KiB, 12 packets, 2.00 KiB/s');
  });
});

describe('a reader that has had enough', () => {
  it('is no error', () => {
    const shell = `node ${bin} packets -v fixtures/linux-single-loss-sack.pcap | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', shell], { cwd: root, encoding: 'utf8', env: environment() });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('0');
    expect(stderr).toBe('');
  });
});

describe('a disk that is full', () => {
  it.skipIf(!existsSync('/dev/full'))('is said, and is no crash', () => {
    const shell = `node ${bin} packets fixtures/linux-single-loss-sack.pcap > /dev/full`;
    const { status, stderr } = spawnSync('bash', ['-c', shell], { cwd: root, encoding: 'utf8', env: environment() });
    expect(status).toBe(3);
    expect(stderr).toMatch(/^tcpscope: error: the output cannot be written: ENOSPC.*\n$/);
  });
});

describe('interruption of a pipe', () => {
  const capture = readFileSync(fixture('linux-single-loss-sack.pcap'));
  // Six whole records: see the test of the cut capture.
  const begun = capture.subarray(0, 4876);

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends with the report on what was read, and status %i', async (signal, status) => {
    const child = start(['-']);
    child.stdin!.write(begun);
    await waiting(child);
    child.kill(signal);
    const outcome = await ending(child);
    expect(outcome.status).toBe(status);
    expect(outcome.stdout).toContain('6 packets');
    expect(outcome.stdout).toContain('10.9.0.1:40438');
    expect(outcome.stderr).toBe('');
  });

  it('comes to an end with the other side too', async () => {
    const child = start(['--json', '-']);
    child.stdin!.end(begun);
    const { status, stdout } = await ending(child);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).capture.packets.total).toBe(6);
  });

  it('shows the packets before a silence when they have waited for the horizon by the clock', async () => {
    const child = start(['packets', '-q', '--horizon', '0.5', '-']);
    let text = '';
    child.stdout!.on('data', (chunk) => {
      text += chunk;
    });
    child.stdin!.write(begun);
    // All six: nothing comes that could settle the last of them.
    for (let i = 0; i < 200 && !/^ +6 /m.test(text); i++) await setTimeout(100);
    expect(text).toMatch(/^ +6 /m);
    child.stdin!.end();
    expect((await ending(child)).status).toBe(0);
  });

  it('ends when so many packets as were wanted left in a silence', async () => {
    const child = start(['packets', '-q', '--horizon', '0.5', '-c', '6', '-']);
    child.stdin!.write(begun);
    const { status, stdout } = await ending(child);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +6 /m);
  });

  it('shows packets while more of them come', async () => {
    const child = start(['packets', '-q', '--horizon', '0', '-']);
    let text = '';
    child.stdout!.on('data', (chunk) => {
      text += chunk;
    });
    child.stdin!.write(begun);
    for (let i = 0; i < 100 && text === ''; i++) await setTimeout(100);
    expect(text.split('\n').length).toBeGreaterThan(3);
    child.stdin!.end();
    expect((await ending(child)).status).toBe(0);
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;

describe.skipIf(!hasScript)('on a terminal', () => {
  function onTerminal(command: string, env: Record<string, string> = {}, rows = 500): string {
    const args = ['-qec', `stty cols 100 rows ${rows}; node ${bin} ${command}`, '/dev/null'];
    // A pager that waits for a key would wait for ever.
    return spawnSync('script', args, {
      cwd: root,
      encoding: 'utf8',
      env: environment({ TERM: 'xterm', PAGER: 'cat', ...env }),
      timeout: 60_000,
      killSignal: 'SIGKILL',
    }).stdout;
  }

  it('colours come by themselves, unless NO_COLOR says no', () => {
    expect(onTerminal(ECHO)).toContain(ESCAPE);
    expect(onTerminal(ECHO, { NO_COLOR: '1' })).not.toContain(ESCAPE);
    expect(onTerminal(ECHO, { TERM: 'dumb' })).not.toContain(ESCAPE);
  });

  it('lines are as wide as the screen', () => {
    const lines = onTerminal('fixtures/linux-single-loss-sack.pcap', { NO_COLOR: '1' }).split('\r\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(lines.length).toBeGreaterThan(5);
  });

  it('says once which columns it has no room for, and never in a pipe', () => {
    const text = onTerminal('packets fixtures/linux-echo.pcap', { NO_COLOR: '1' });
    expect(text.match(/no room for client, server: a wider screen or --fields shows them/g)).toHaveLength(1);
    expect(onTerminal('packets -q fixtures/linux-echo.pcap', { NO_COLOR: '1' })).not.toContain('no room');
    expect(output(['packets', ECHO], { env: { COLUMNS: '100' } })).not.toContain('no room');
  });

  describe('long output', () => {
    const onSmall = (command: string, env: Record<string, string>) => onTerminal(command, env, 20);
    const LONG = 'packets fixtures/linux-single-loss-sack.pcap';
    const MARKED = { PAGER: "sed 's/^/P: /'", NO_COLOR: '1' };

    it('goes through the pager, and all of it', () => {
      const lines = onSmall(LONG, MARKED).trimEnd().split('\r\n');
      expect(lines.length).toBeGreaterThan(200);
      expect(lines.filter((line) => !line.startsWith('P: '))).toEqual([]);
      const plain = onSmall(`--no-pager ${LONG}`, MARKED).trimEnd().split('\r\n');
      expect(lines.map((line) => line.slice(3))).toEqual(plain);
    });

    it('of one screen, for programs and in files does not', () => {
      expect(onSmall('packets -c 5 fixtures/linux-echo.pcap', MARKED)).not.toContain('P: ');
      expect(onSmall(`${LONG} --ndjson`, MARKED)).not.toContain('P: ');
      expect(onSmall(`${LONG} --format csv`, MARKED)).not.toContain('P: ');
      expect(
        onSmall(`--version; cat fixtures/linux-single-loss-sack.pcap | node ${bin} packets -`, MARKED),
      ).not.toContain('P: ');
      expect(output(LONG.split(' '), { env: MARKED })).not.toContain('P: ');
      expect(onSmall(LONG, { ...MARKED, TERM: 'dumb' })).not.toContain('P: ');
      expect(onSmall(LONG, { ...MARKED, PAGER: '' })).toContain('203 ');
      expect(onSmall(LONG, { ...MARKED, PAGER: 'no-such-pager' })).toContain('203 ');
    });

    it('has help, reports and warnings in it', () => {
      expect(onSmall('help packets', MARKED)).toMatch(/^P: Examples:/);
      expect(onSmall('states --all fixtures/linux-echo.pcap', MARKED)).toMatch(/^P: /);
      const cut = onSmall(
        `-q --all fixtures/linux-echo.pcap; head -c 30000 fixtures/linux-single-loss-sack.pcap > cut.tmp; node ${bin} packets cut.tmp; rm cut.tmp`,
        MARKED,
      );
      expect(cut).toMatch(/P: tcpscope: warning: .*cut/);
    });

    it('gives less the options that git gives it, unless LESS is set', () => {
      const PAGER = 'sh -c "echo LESS is \\$LESS"';
      expect(onSmall(LONG, { PAGER })).toContain('LESS is FRX');
      expect(onSmall(LONG, { PAGER, LESS: 'S' })).toContain('LESS is S');
    });

    it('ends without a word when the reader leaves', () => {
      const text = onSmall(`${LONG}; echo status $?`, { ...MARKED, PAGER: 'head -3' });
      expect(text.trimEnd().split('\r\n')).toHaveLength(4);
      expect(text).toContain('status 0');
    });

    it('keeps the status of a check whose report nobody reads to the end', () => {
      const rules = Array.from({ length: 30 }, (_, i) => `--expect 'client.packets == ${i}'`).join(' ');
      const text = onSmall(`check ${rules} fixtures/linux-echo.pcap; echo status $?`, { PAGER: 'head -3' });
      expect(text).toContain('status 1');
    });
  });

  it('without a capture it asks for one', () => {
    expect(onTerminal('packets')).toContain('no capture given: name a file, or - to read standard input');
  });
});
