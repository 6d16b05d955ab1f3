import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch } from '../support/scratch.ts';
import { bin, cold, environment, fixture, tcpscope } from './tcpscope.ts';

const { file, folder } = scratch();

const capture = readFileSync(fixture('linux-single-loss-sack.pcap'));

/** One clear line (or two), never a stack. */
function expectMessage(stderr: string, ...parts: string[]): void {
  for (const part of parts) expect(stderr).toContain(part);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
}

describe('input that is no capture', () => {
  it.each([
    ['a missing file', 'nothing-there.pcap', ['nothing-there.pcap: no such file']],
    [
      'a name with bytes that are no UTF-8',
      'caf\ufffd.pcap',
      ['no such file (names must be UTF-8;', 'tcpscope - < FILE'],
    ],
    ['a folder', folder, ['is a directory; name the captures in it']],
    ['an empty file', file('empty', ''), ['the file is empty', 'expected a pcap or pcapng capture']],
    ['prose', file('prose', 'Dear Sir or Madam,\nfollowing our call'), ['not a capture', 'text without a hex dump']],
    ['JSON', file('json', '{"a": 1, "b": [1, 2, 3, 4, 5]}'), ['what looks like JSON', 'save packets with tcpdump -w']],
    ['an image', file('image', Buffer.from('89504e470d0a1a0a0000000d49484452000000010000', 'hex')), ['a PNG image']],
    [
      'xz',
      file('xz', Buffer.from('fd377a585a000004e6d6b4460200210116000000742fe5a3', 'hex')),
      ['xz -dc FILE | tcpscope -'],
    ],
    ['a cut header', file('cut', capture.subarray(0, 20)), ['cut in its header', 'found 20 bytes', '24 bytes']],
  ])('%s ends with status 3 and says so', (_, path, parts) => {
    for (const command of [[], ['packets'], ['states']]) {
      const { status, stdout, stderr } = tcpscope([...command, path]);
      expect(status).toBe(3);
      expect(stdout).not.toContain('connection');
      expectMessage(stderr, 'tcpscope: error: ', ...parts);
    }
  });

  it('suggests the command that was probably meant, also where a capture is named', () => {
    for (const rest of [[], [fixture('linux-echo.pcap')], ['nothing-there.pcap']]) {
      const { status, stdout, stderr } = tcpscope(['pakcets', ...rest]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expectMessage(stderr, 'pakcets is neither a command nor a file; did you mean packets?');
    }
  });

  it('takes a word for the command of that name, else for a file', () => {
    const name = file('packts', capture);
    const here = { cwd: folder, encoding: 'utf8', env: environment() } as const;
    expect(spawnSync(process.execPath, [bin, 'packts'], here).stdout).toContain('1 connection');
    renameSync(name, join(folder, 'packets'));
    // Nothing on standard input, which the command reads when no capture is named.
    expect(spawnSync(process.execPath, [bin, 'packets'], { ...here, input: '' })).toMatchObject({ status: 3 });
    expect(spawnSync(process.execPath, [bin, './packets'], here).stdout).toContain('1 connection');
    // What is named after a command is a file.
    expect(tcpscope(['analyze', 'pakcets'])).toMatchObject({ status: 3 });
  });

  it('an empty standard input', () => {
    for (const run of [tcpscope, cold]) expect(run(['-'])).toMatchObject({ status: 3, stdout: '' });
  });
});

describe('one of several files that cannot be read', () => {
  const good = fixture('linux-echo.pcap');

  it.each([
    ['that is missing', 'nothing-there.pcap', 'nothing-there.pcap: the file was left out: no such file'],
    ['that is a folder', folder, 'the file was left out: is a directory'],
    ['that is no capture', file('letter', 'Dear Sir or Madam,\n'), 'the file was left out: not a capture at byte 0'],
  ])('%s does not keep the others back, and is told by status 1', (_, path, message) => {
    for (const files of [
      [good, path],
      [path, good],
    ]) {
      const { status, stdout, stderr } = tcpscope(['--json', ...files]);
      expect(status).toBe(1);
      expectMessage(stderr, 'tcpscope: error: ', message, '14 packets could be read and were analysed');
      const { capture: read, connections } = JSON.parse(stdout);
      expect(connections).toEqual(JSON.parse(tcpscope(['--json', good]).stdout).connections);
      expect(read.damages).toMatchObject([{ file: path, offset: null, fatal: true, losesPackets: true }]);
    }
  });

  it('makes a check doubt what it sees', () => {
    const check = ['check', good, 'nothing-there.pcap', '--expect', 'client.retransmissions.count == 0'];
    expect(tcpscope(check)).toMatchObject({ status: 2, stdout: expect.stringContaining('could not be checked') });
    expect(tcpscope([...check, '--merge'])).toMatchObject({ status: 4 });
  });

  it('ends with status 3 when there is no other, and names all of them', () => {
    const { status, stdout, stderr } = tcpscope(['packets', 'no-1.pcap', 'no-2.pcap']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expectMessage(stderr, 'no-1.pcap: no such file', 'no-2.pcap: no such file');
  });

  it.skipIf(!existsSync('/proc/self/mem'))('is an error too when the system cannot read it', () => {
    // Nothing is mapped at address 0.
    expectMessage(tcpscope(['/proc/self/mem']).stderr, '/proc/self/mem: cannot be read: EIO');
  });
});

describe('a damaged capture', () => {
  it('is complained of after what could be read of it, on a line of its own', () => {
    // The echo of "hello world", packet 6, has no line end; the record of packet 7 is cut.
    const cut = file(
      'echo.pcap',
      readFileSync(fixture('linux-echo.pcap')).subarray(0, 24 + 6 * 16 + 74 * 2 + 66 * 2 + 77 * 2 + 30),
    );
    const { stdout } = spawnSync('bash', ['-c', `node ${bin} follow --stream 0 ${cut} 2>&1`], {
      encoding: 'utf8',
      env: environment(),
    });
    expect(stdout).toMatch(/^> hello world\n< hello world\ntcpscope: warning: .*echo.pcap: the file ends in /);
  });

  it('is analysed up to the cut, with a warning', () => {
    const { status, stdout, stderr } = tcpscope(['packets', '--ndjson', file('cut.pcap', capture.subarray(0, 5000))]);
    expect(status).toBe(0);
    // Records are 16 bytes and up to 1514: the seventh ends after byte 5000.
    expect(stdout.trimEnd().split('\n')).toHaveLength(6);
    expectMessage(stderr, 'the file ends in the data of record 7', 'found 108 bytes, expected 1514 bytes');
    expectMessage(stderr, '6 packets could be read and were analysed');
  });

  it('says nothing with -q, and everything with --json', () => {
    const path = file('cut-again.pcap', capture.subarray(0, 5000));
    expect(tcpscope(['-q', path]).stderr).toBe('');
    const report = JSON.parse(tcpscope(['-q', '--json', path]).stdout);
    expect(report.capture.damages).toMatchObject([{ file: path, offset: 4876, found: '108 bytes' }]);
  });

  it('of several files leaves out the one that is no capture', () => {
    const { status, stdout, stderr } = tcpscope([
      '-q',
      '--csv',
      fixture('linux-echo.pcap'),
      file('text', 'no capture, this'),
    ]);
    expect(status).toBe(1);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expectMessage(stderr, 'text: the file was left out: not a capture');
  });

  it('cut anywhere never ends in a stack trace', () => {
    const echo = readFileSync(fixture('linux-echo.pcap'));
    for (let length = 0; length < echo.length; length += 97) {
      const { status, stderr } = tcpscope(['packets', '-'], { input: echo.subarray(0, length) });
      expect(status === 0 || status === 3).toBe(true);
      expect(stderr).not.toMatch(/^ {4}at /m);
    }
  });
});

describe('a wrong command line', () => {
  it.each([
    ['an unknown option', ['packets', '--nsjon', 'x'], ["unknown option '--nsjon'", 'Did you mean --ndjson?']],
    ['an option of packets', ['-v', 'x'], ["unknown option '-v'; it is one of packets: tcpscope packets -v"]],
    ['digits after a letter', ['packets', '-t6', 'x'], ['-6 is neither an option nor a file']],
    [
      'a command after the file',
      ['fixtures/linux-echo.pcap', 'packets'],
      ['the command stands first: tcpscope packets'],
    ],
    ['help on what is no command', ['help', 'xyzzy'], ['tcpscope has no command xyzzy']],
    [
      'an unknown format',
      ['packets', '--format', 'xml', 'x'],
      ["argument 'xml' is invalid", 'Allowed choices are text'],
    ],
    ['two formats', ['--json', '--csv', 'x'], ['json and csv: choose one format']],
    ['a wrong filter', ['-f', 'prot 80', 'x'], ["found 'prot'", '^']],
    ['a wrong number', ['packets', '-c', 'ten', 'x'], ["argument 'ten' is invalid", 'whole number']],
    ['standard input twice', ['-', '-'], ['standard input (-) can be read only once']],
    ['an option without its value', ['-r'], ["option '-r, --read <file>' argument missing"]],
    ['a wrong colour', ['--color', 'sometimes', 'x'], ["argument 'sometimes' is invalid"]],
  ])('%s ends with status 2 and points to the help', (_, args, parts) => {
    const { status, stdout, stderr } = tcpscope(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    for (const part of parts) expect(stderr).toContain(part);
    expect(stderr).toMatch(/Try: tcpscope .*--help\n$/);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
