import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readChunks } from '../capture/collect.ts';
import { run, toolVersion } from '../support/tools.ts';
import { bin, environment, fixture, objects, output, root, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';
const DUPLICATES = 'fixtures/tshark-01-duplicate-frames.pcap';
const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const numbers = (...args: string[]) =>
  output(['packets', '-q', '--csv', '--fields', 'number', ...args])
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);

describe('packets --select', () => {
  // What the packets themselves say, in their own fields.
  const all = objects(['packets', '--ndjson', LOSS]) as {
    number: number;
    sender: string;
    payloadLength: number;
    verdict: { kind: string; cause: string | null };
  }[];
  const where = (holds: (packet: (typeof all)[number]) => boolean) => all.filter(holds).map(({ number }) => number);

  it.each([
    ['verdict == "retransmission"', where(({ verdict }) => verdict.kind === 'retransmission')],
    ['verdict == retransmission && cause == fast', where(({ verdict }) => verdict.cause === 'fast')],
    ['kind == ack', where(({ verdict }) => verdict.kind === 'ack')],
    ['from == server && payload > 0', where(({ sender, payloadLength }) => sender === 'server' && payloadLength > 0)],
    ['payload >= 1448', where(({ payloadLength }) => payloadLength >= 1448)],
    ['payload > 1448', where(({ payloadLength }) => payloadLength > 1448)],
    ['frame in [1, 3, 5]', [1, 3, 5]],
    ['stream == 0 && frame <= 2 && client.port == 40438 && server.ip in 10.9.0.0/24', [1, 2]],
    ['client.state == SYN-SENT', [1]],
  ] as const)('%s', (condition, expected) => {
    const chosen = numbers('--select', condition, LOSS);
    expect(chosen).toEqual(expected);
  });

  it('shows packets around them when that is asked for', () => {
    expect(numbers('--select', 'frame == 100', '--context', '2', LOSS)).toEqual([98, 99, 100, 101, 102]);
  });

  it('says what is wrong with a condition, and where', () => {
    const { status, stderr } = tcpscope(['packets', '--select', 'verdit == retransmission', LOSS]);
    expect(status).toBe(2);
    expect(stderr).toContain('unknown name verdit (did you mean verdict?)');
    expect(tcpscope(['packets', '--select', 'payload', LOSS]).stderr).toContain('not a condition');
    expect(tcpscope(['packets', '--select', 'verdict == resent', LOSS]).stderr).toContain('verdict is never resent');
  });

  it('says of how many packets it cannot be told', () => {
    // Begun in the middle: the scale of the windows is not known.
    const { stdout, stderr } = tcpscope([
      'packets',
      '--ndjson',
      '--select',
      'window > 100',
      'fixtures/tshark-15b-scale-unknown.pcap',
    ]);
    expect(stdout).toBe('');
    expect(stderr).toContain('packets left out, of which it cannot be told: the handshake was not captured');
  });

  it('is for packets that have verdicts', () => {
    const { status, stderr } = tcpscope(['packets', '--format', 'tcpdump', '--select', 'lost', LOSS]);
    expect(status).toBe(2);
    expect(stderr).toContain('--select: the format of tcpdump knows no verdicts');
  });
});

describe('--select of connections', () => {
  const MANY = ['fixtures/linux-echo.pcap', 'fixtures/linux-single-loss-sack.pcap', 'fixtures/linux-refused.pcap'];

  it('leaves those of which it is true, in all documents', () => {
    const { connections } = JSON.parse(output(['--json', ...MANY]));
    const resent = connections.filter((c: { client: { port: number } }) => c.client.port === 40438);
    expect(resent).toHaveLength(1);
    const report = JSON.parse(output(['--json', '--select', 'retransmissions.count > 0', ...MANY]));
    expect(report.connections.map(({ stream }: { stream: number }) => stream)).toEqual([resent[0].stream]);
    expect(
      report.findings.every(({ stream }: { stream: number | null }) => stream === null || stream === resent[0].stream),
    ).toBe(true);
    expect(
      output(['--csv', '-q', '--select', 'close == refused', ...MANY])
        .trimEnd()
        .split('\n'),
    ).toHaveLength(2);
    expect(tcpscope(['-q', '--select', 'payload_bytes > 1GB', ...MANY]).stdout).toMatch(
      /^No connection has a packet that is selected.\n/,
    );
  });

  it('goes together with --stream, and serves other lists', () => {
    const count = (...args: string[]) => JSON.parse(output(['--json', ...args, ...MANY])).connections.length;
    expect(count('--select', 'server.port == 5001')).toBe(count());
    expect(count('--select', 'server.port == 5001', '--stream', '0')).toBe(1);
    const exchanges = objects(['exchanges', '--ndjson', '--select', 'client.port == 40438', ...MANY]);
    expect(new Set(exchanges.map(({ stream }) => stream)).size).toBeLessThanOrEqual(1);
    expect(
      JSON.parse(output(['congestion', '--json', '--select', 'client.port == 40438', ...MANY])).flows?.length ?? 2,
    ).toBeLessThanOrEqual(2);
    expect(output(['states', '-q', '--select', 'client.port == 40438', '--at', '0', ...MANY])).not.toContain('46684');
  });
});

describe('--min-severity', () => {
  it('leaves findings of that severity and graver ones', () => {
    const findings = (least?: string) =>
      JSON.parse(output(['--json', ...(least === undefined ? [] : ['--min-severity', least]), LOSS]));
    const all = findings().findings.map(({ severity }: { severity: string }) => severity);
    expect(all).toContain('info');
    expect(all).toContain('warning');
    const of = (least: string) => findings(least).findings.map(({ severity }: { severity: string }) => severity);
    expect(of('info')).toEqual(all);
    expect(of('warning')).toEqual(all.filter((severity: string) => severity !== 'info'));
    expect(of('error')).toEqual(all.filter((severity: string) => severity === 'error'));
    expect(
      findings('warning').connections[0].findings.every(({ severity }: { severity: string }) => severity !== 'info'),
    ).toBe(true);
    expect(output(['--all', '--min-severity', 'warning', LOSS])).toMatch(/1 finding\n/);
  });

  it('leaves packets with one', () => {
    expect(numbers('--min-severity', 'warning', LOSS)).toEqual([100]);
    expect(numbers('--min-severity', 'info', LOSS)).toEqual([99, 100]);
    expect(tcpscope(['packets', '--min-severity', 'error', LOSS]).stderr).toBe('tcpscope: no packet is selected\n');
  });
});

describe('packets -w', () => {
  const file = (name: string) => join(folder, name);
  const plain = (text: Uint8Array) => readChunks(text, 4096);

  it('writes all packets as they are, with their link types, lengths and times', () => {
    for (const name of ['linux-echo.pcap', 'seed-bsd-loopback.pcap', 'tshark-17-capture-drop.pcap']) {
      const { status, stdout, stderr } = tcpscope(['packets', '-w', file('all.pcapng'), `fixtures/${name}`]);
      const before = plain(readFileSync(fixture(name)));
      expect({ status, stdout, stderr }).toEqual({
        status: 0,
        stdout: '',
        stderr: `tcpscope: ${file('all.pcapng')}: ${before.records.length} packets\n`,
      });
      const after = plain(readFileSync(file('all.pcapng')));
      expect(after.facts.damages).toEqual([]);
      const bare = ({ records }: typeof after) =>
        records.map(({ data, time, originalLength, linkType }) => ({ data, time, originalLength, linkType }));
      expect(bare(after)).toEqual(bare(before));
      const described = ({ facts }: typeof after) =>
        facts.interfaces.map(({ linkType, snaplen, timeResolution, name }) => ({
          linkType,
          snaplen,
          timeResolution,
          name,
        }));
      expect(described(after)).toEqual(described(before));
      expect(after.facts.firstTimestamp).toBe(before.facts.firstTimestamp);
    }
  });

  it('writes what is selected', () => {
    tcpscope(['packets', '-w', file('some.pcapng'), '--select', 'verdict == retransmission', LOSS]);
    const before = plain(readFileSync(fixture('linux-single-loss-sack.pcap')));
    const after = plain(readFileSync(file('some.pcapng')));
    expect(after.records.map(({ data }) => data)).toEqual([before.records[99].data]);
    tcpscope(['packets', '-w', file('few.pcapng'), '-c', '7', LOSS]);
    expect(plain(readFileSync(file('few.pcapng'))).records).toHaveLength(7);
  });

  it('keeps packets that are no TCP in their places, unless connections or verdicts choose', () => {
    // A datagram of UDP after each of the first packets.
    const udp = Uint8Array.from(
      Buffer.from('450000200001000040110000c0a80001c0a80002003500350 00c0000deadbeef'.replace(' ', ''), 'hex'),
    );
    const capture = readFileSync(fixture('linux-echo.pcap'));
    const parts: Uint8Array[] = [capture.subarray(0, 24)];
    let at = 24;
    for (let i = 0; i < 5; i++) {
      const length = 16 + capture.readUInt32LE(at + 8);
      const record = capture.subarray(at, at + length);
      const own = Buffer.concat([record.subarray(0, 8), Buffer.alloc(8), record.subarray(16, 30), udp]);
      own.writeUInt32LE(own.length - 16, 8);
      own.writeUInt32LE(own.length - 16, 12);
      parts.push(record, own);
      at += length;
    }
    const mixed = Buffer.concat(parts);
    writeFileSync(file('mixed.pcap'), mixed);
    const written = (...args: string[]) => {
      expect(tcpscope(['packets', '-w', file('out.pcapng'), ...args, file('mixed.pcap')]).status).toBe(0);
      return plain(readFileSync(file('out.pcapng'))).records.map(({ data }) => Buffer.from(data).toString('hex'));
    };
    const all = plain(mixed).records.map(({ data }) => Buffer.from(data).toString('hex'));
    expect(written()).toEqual(all);
    expect(written('--comments')).toEqual(all);
    expect(written('-f', 'udp')).toEqual(all.filter((_, i) => i % 2 === 1));
    expect(written('-f', 'tcp')).toEqual(all.filter((_, i) => i % 2 === 0));
    expect(written('--stream', '0')).toEqual(all.filter((_, i) => i % 2 === 0));
    expect(written('-c', '2')).toEqual(all.slice(0, 3));
  });

  it('keeps names, resolutions and comments of a pcapng capture', () => {
    tcpscope(['packets', '-w', file('first.pcapng'), '--problems', '--context', '0', '--comments', LOSS]);
    const first = plain(readFileSync(file('first.pcapng')));
    tcpscope(['packets', '-w', file('second.pcapng'), file('first.pcapng')]);
    const second = plain(readFileSync(file('second.pcapng')));
    expect(first.records.some(({ comment }) => comment !== null)).toBe(true);
    expect(second.records.map(({ comment }) => comment)).toEqual(first.records.map(({ comment }) => comment));
    expect(second.facts.comments).toEqual([expect.stringContaining('first.pcapng'), ...first.facts.comments]);
  });

  it.skipIf(toolVersion('tshark') === null)('opens in Wireshark, with verdicts and findings as comments', () => {
    tcpscope(['packets', '-w', file('all.pcapng'), '--comments', LOSS]);
    const fields = (name: string, ...more: string[]) =>
      run(
        'tshark',
        ['-r', 'FILE', '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'tcp.seq_raw', ...more],
        readFileSync(name),
      )
        .trimEnd()
        .split('\n');
    expect(fields(file('all.pcapng'))).toEqual(fields(fixture('linux-single-loss-sack.pcap')));
    const comments = run(
      'tshark',
      ['-r', 'FILE', '-T', 'fields', '-e', 'frame.comment'],
      readFileSync(file('all.pcapng')),
    ).split('\n');
    expect(comments[99]).toContain('packet 100 of the capture');
    expect(comments[99]).toContain('first sent in #43');
    expect(comments[99]).toContain('[packet-loss]');
    expect(comments[42]).toContain('This copy did not arrive');
    expect(comments[44]).toBe('');
  });

  it('goes through pipes', () => {
    const shell = `node ${bin} packets -q -w - ${DUPLICATES} | node ${bin} packets -q --csv --fields number -`;
    const { stdout } = spawnSync('bash', ['-c', shell], { cwd: root, encoding: 'utf8', env: environment() });
    expect(stdout).toBe(output(['packets', '-q', '--csv', '--fields', 'number', DUPLICATES]));
  });

  it('refuses what would harm, and options that say how to print', () => {
    const copy = file('copy.pcap');
    writeFileSync(copy, readFileSync(fixture('linux-echo.pcap')));
    expect(tcpscope(['packets', '-w', copy, copy]).stderr).toContain('is an input');
    expect(readFileSync(copy)).toEqual(readFileSync(fixture('linux-echo.pcap')));
    expect(tcpscope(['packets', '-w', file('x'), '--csv', LOSS])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--csv is for printing'),
    });
    expect(tcpscope(['packets', '-w', file('x'), '-v', LOSS]).stderr).toContain('--verbose is for printing');
    expect(tcpscope(['packets', '--comments', LOSS]).stderr).toContain('--comments goes with -w FILE');
    expect(tcpscope(['packets', '-w', file('none'), 'no-such.pcap'])).toMatchObject({ status: 3 });
    expect(() => readFileSync(file('none'))).toThrow();
  });
});
