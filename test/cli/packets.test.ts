import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scenario } from '../support/scenario.ts';
import { run, toolVersion } from '../support/tools.ts';
import { cold, expectGolden, fixture, objects, output, tcpscope } from './tcpscope.ts';

const ECHO = 'fixtures/linux-echo.pcap';
const TAIL_LOSS = 'fixtures/tshark-08-tail-loss.pcap';

const hasTcpdump = toolVersion('tcpdump')?.includes(' 4.') === true;

describe('tcpscope packets', () => {
  it('prints a line for each packet, with states and verdicts', () => {
    expectGolden('packets-tail-loss.txt', output(['packets', TAIL_LOSS]));
    expectGolden('packets-simultaneous-close.txt', output(['packets', 'fixtures/linux-simultaneous-close.pcap']));
  });

  it('fits its lines to the screen, and loses nothing by it', () => {
    for (const columns of [60, 80, 120]) {
      const text = output(['packets', TAIL_LOSS], { env: { COLUMNS: String(columns) } });
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
      expect(text.match(/retransmission of #/g)).toHaveLength(5);
      expect(text).toContain('#10 (rto)');
      expectGolden(`packets-tail-loss-${columns}.txt`, text);
    }
  });

  it('adds what tcpdump prints with -v, and dumps', () => {
    expectGolden('packets-verbose.txt', output(['packets', '-v', '-X', '-c', '3', 'fixtures/seed-loopback-echo.pcap']));
  });

  it.skipIf(!hasTcpdump)('prints with --format tcpdump what tcpdump prints', () => {
    for (const name of ['linux-half-close.pcap', 'seed-loopback-echo.pcap', 'tshark-12-blind-reset.pcap']) {
      for (const options of [[], ['-v'], ['-S', '-tttt'], ['-ttt'], ['-tt', '-v', '-S']]) {
        const own = output(['packets', '--format', 'tcpdump', ...options, fixture(name)]);
        const peer = run('tcpdump', ['-n', ...options, '-r', 'FILE'], readFileSync(fixture(name)));
        expect(own.split('\n')).toEqual(peer.split('\n').map(untilLength));
      }
    }
  });

  it.skipIf(!hasTcpdump)('prints with --format tcpdump what is cut short, too', () => {
    const { pcap } = scenario(
      {},
      `0.0 > S seq 0 win 1000 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7> snap 60
       0.1 < S. seq 0 ack 1 snap 50
       0.2 > . ack 1`,
    );
    const own = output(['packets', '--format', 'tcpdump', '-'], { input: pcap });
    expect(own).toBe(run('tcpdump', ['-n', '-r', 'FILE'], pcap));
    expect(own).toContain('[|tcp]');
  });

  it('stops after -c packets, and shows --stream alone', () => {
    expect(objects(['packets', '--ndjson', '-c', '5', ECHO]).map((row) => row.number)).toEqual([1, 2, 3, 4, 5]);
    const { pcap } = twoConnections();
    const rows = objects(['packets', '--ndjson', '--stream', '1', '-'], { input: pcap });
    expect(rows.map((row) => [row.number, row.stream])).toEqual([
      [2, 1],
      [4, 1],
      [6, 1],
    ]);
  });

  it('prints absolute numbers with -S and the times of -t to -ttttt', () => {
    const line = (...options: string[]) => output(['packets', '-q', ...options, '-c', '4', TAIL_LOSS]).split('\n')[3];
    expect(line()).toContain('    4    0.100000   0  →  .             1:1449         1   1448');
    // The default ISNs of a scenario: 4294966900 of the client, 4294967290 of the server.
    expect(line('-S')).toMatch(/4294966901:1053 +4294967291 /);
    expect(line('-t')).toMatch(/^ +4 +0 {2}→/);
    expect(line('-tt')).toMatch(/^ +4 +1767225600\.100000 /);
    expect(line('-ttt')).toMatch(/^ +4 +00:00:00\.079950 /);
    expect(line('-tttt')).toMatch(/^ +4 +2026-01-01 00:00:00\.100000 /);
    expect(line('-ttttt')).toMatch(/^ +4 +00:00:00\.100000 /);
  });

  it.each(['', '-t', '-tt', '-ttt', '-tttt', '-ttttt'])(
    'keeps its columns under their names with the times of %s',
    (t) => {
      for (const nano of [[], ['--nano']]) {
        const [head, , ...rows] = output(['packets', ...(t === '' ? [] : [t]), ...nano, TAIL_LOSS]).split('\n');
        // Right-aligned columns end where their names end.
        for (const name of ['seq', 'ack', 'len']) {
          const end = head.indexOf(name) + name.length;
          for (const row of rows.slice(1, 6)) expect(row.slice(end - 1, end + 1), row).toMatch(/^\d $/);
        }
      }
    },
  );

  it.each(['-v', '-S', '-tt', '-x', '-XX', '-A', '-e', '--nano'])(
    'refuses %s where it would mean nothing',
    (option) => {
      for (const format of ['--ndjson', '--csv']) {
        const { status, stdout, stderr } = tcpscope(['packets', option, format, ECHO]);
        expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
        expect(stderr).toContain(`${option.slice(0, 2)}`);
        expect(stderr).toContain('is for text');
      }
    },
  );

  it('adds the link header with -e', () => {
    const text = output(['packets', '-e', '-c', '1', TAIL_LOSS]);
    expect(text).toContain(
      '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: 10.0.0.1.40000 >',
    );
  });

  it('names the interface of the second Linux cooked header by its number, which is all it has', () => {
    const { pcap } = scenario({ link: 'sll2' }, '0.0 > S seq 0 win 1000');
    expect(output(['packets', '-v', '-'], { input: pcap })).toContain('\n       if1   In  IP (tos 0x0');
  });

  it.skipIf(!hasTcpdump)('names it with --format tcpdump as tcpdump does, after this host', () => {
    const { pcap } = scenario({ link: 'sll2' }, '0.0 > S seq 0 win 1000');
    for (const options of [[], ['-e'], ['-v']]) {
      expect(output(['packets', '--format', 'tcpdump', ...options, '-'], { input: pcap })).toBe(
        run('tcpdump', ['-n', ...options, '-r', 'FILE'], pcap),
      );
    }
  });

  it('walks through the 40 packets of the third document, with its numbers and states', () => {
    const rows = objects(['packets', '--ndjson', 'fixtures/seed-http-40-packets.pcap']);
    const numbers = rows.map((row) => [row.number, row.sender, row.flags, row.seq, row.ack, row.payloadLength]);
    expect(numbers).toHaveLength(40);
    expect(numbers.slice(0, 7)).toEqual([
      [1, 'client', 'S', 0, null, 0],
      [2, 'server', 'S.', 0, 1, 0],
      [3, 'client', '.', 1, 1, 0],
      [4, 'client', 'P.', 1, 1, 725],
      [5, 'server', '.', 1, 726, 0],
      [6, 'server', '.', 1, 726, 1448],
      [7, 'client', '.', 726, 1449, 0],
    ]);
    const end = rows[37].ack as number;
    expect(numbers.slice(37)).toEqual([
      [38, 'client', 'F.', 726, end, 0],
      [39, 'server', 'F.', end, 727, 0],
      [40, 'client', '.', 727, end + 1, 0],
    ]);
    type Ends = Record<'client' | 'server', { after: string }>;
    const after = rows.map(({ states }) => {
      const { client, server } = states as Ends;
      return `${client.after} ${server.after}`;
    });
    expect(after).toEqual([
      'SYN-SENT SYN-RECEIVED',
      'ESTABLISHED SYN-RECEIVED',
      ...Array(35).fill('ESTABLISHED ESTABLISHED'),
      'FIN-WAIT-1 CLOSE-WAIT',
      'TIME-WAIT LAST-ACK',
      'TIME-WAIT CLOSED',
    ]);
  });

  it('prints no heading for what cannot be read, and that of CSV for a capture without packets', () => {
    for (const format of [[], ['--csv']]) {
      expect(tcpscope(['packets', ...format, 'nothing-there.pcap'])).toMatchObject({ status: 3, stdout: '' });
    }
    const empty = readFileSync(fixture('linux-echo.pcap')).subarray(0, 24);
    expect(output(['packets', '-'], { input: empty })).toBe('');
    expect(output(['packets', '--csv', '--fields', 'number,seq', '-'], { input: empty })).toBe('number,seq\n');
  });

  it('has one list of fields for text, NDJSON and CSV', () => {
    const fields = 'number,flags,payloadLength,states.client.after';
    const text = output(['packets', '-q', '--fields', fields, ECHO]);
    const csv = output(['packets', '--csv', '--fields', fields, ECHO]);
    const rows = objects(['packets', '--ndjson', '--fields', fields, ECHO]);
    expect(rows[0]).toEqual({ number: 1, flags: 'S', payloadLength: 0, states: { client: { after: 'SYN-SENT' } } });
    const cells = rows.map(({ number, flags, payloadLength, states }) => [
      number,
      flags,
      payloadLength,
      (states as { client: { after: string } }).client.after,
    ]);
    expect(csv).toBe([fields, ...cells.map((row) => row.join(','))].join('\n').concat('\n'));
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/ +/)),
    ).toEqual(cells.map((row) => row.map(String)));
  });

  it('takes the name of an object for all that is in it', () => {
    const [row] = objects(['packets', '--ndjson', '--fields', 'number,tcpChecksum', '-c', '1', ECHO]);
    expect(Object.keys(row.tcpChecksum as object)).toEqual(['status', 'found', 'expected']);
  });

  it('has no fields for the format of tcpdump', () => {
    expect(tcpscope(['packets', '--format', 'tcpdump', '--fields', 'seq', ECHO])).toMatchObject({ status: 2 });
  });

  it('names a field that was probably meant', () => {
    const { status, stderr } = tcpscope(['packets', '--fields', 'number,payloadLenght', ECHO]);
    expect(status).toBe(2);
    expect(stderr).toContain('there is no field "payloadLenght"; did you mean payloadLength?');
  });

  it('lists its fields', () => {
    const keys = output(['packets', '--fields', 'list']).match(/^\S+/gm);
    expect(keys).toContain('states.server.basis');
    const [row] = objects(['packets', '--ndjson', '-c', '1', ECHO]);
    for (const key of Object.keys(row)) expect(keys?.some((name) => name.split('.')[0] === key)).toBe(true);
  });

  it('lists the options of the segment', () => {
    const [syn] = objects(['packets', '--ndjson', '-c', '1', TAIL_LOSS]);
    // <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>
    expect(syn.options).toMatchObject([
      { kind: 2, name: 'mss', length: 4, fields: { mss: 1460 } },
      { kind: 4, length: 2 },
      { kind: 8, length: 10, fields: { tsVal: 1000, tsEcr: 0 } },
      { kind: 1, length: 1 },
      { kind: 3, length: 3, fields: { shift: 7 } },
    ]);
  });

  it('says that options were cut by the snaplen, and reads no further', () => {
    const { pcap } = scenario(
      {},
      `0.0 > S seq 0 win 1000 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7> snap 60
       0.1 < S. seq 0 ack 1`,
    );
    // 14 + 20 + 20 bytes of headers leave 6: the MSS option and the first two of the next.
    const [syn] = objects(['packets', '--ndjson', '-'], { input: pcap });
    expect(syn.options).toMatchObject([{ name: 'mss' }, { kind: 4 }]);
  });

  it('keeps the bytes of a compressed capture apart from those that follow', () => {
    const plain = readFileSync(fixture('linux-half-close.pcap'));
    const expected = output(['packets', '--ndjson', '-'], { input: plain });
    expect(output(['packets', '--ndjson', '-'], { input: gzipSync(plain) })).toBe(expected);
  });

  it('reads a file, a pipe and -r alike, with the verdicts of the whole', () => {
    const expected = output(['packets', '--ndjson', TAIL_LOSS]);
    const input = readFileSync(fixture('tshark-08-tail-loss.pcap'));
    for (const words of [
      ['packets', '--ndjson', '-'],
      ['packets', '--ndjson'],
    ]) {
      expect(output(words, { input })).toBe(expected);
      expect(cold(words, { input })).toEqual({ status: 0, stdout: expected, stderr: '' });
    }
    expect(output(['packets', '-n', '--ndjson', '-r', TAIL_LOSS])).toBe(expected);
  });

  it('prints packets as they come with --horizon 0', () => {
    const kinds = objects(['packets', '--ndjson', '--horizon', '0', TAIL_LOSS]).map(
      (row) => (row.verdict as { fate: string }).fate,
    );
    // Nobody can know yet that packet 6 is lost.
    expect(kinds[5]).toBe('unknown');
    const settled = objects(['packets', '--ndjson', TAIL_LOSS]).map((row) => (row.verdict as { fate: string }).fate);
    expect(settled[5]).toBe('lost');
  });

  it('shows an ICMP error at the segment that it quotes', () => {
    const { pcap } = scenario({}, ['0.0 > S seq 0', '0.1 icmp host-unreachable quotes 1 from 10.9.9.9'].join('\n'));
    const [row] = objects(['packets', '--ndjson', '-'], { input: pcap });
    expect(row).toMatchObject({ number: 1, findings: [{ id: 'icmp-unreachable', evidence: [2] }] });
  });

  it("takes tcpdump's -s for nothing: captures are read as long as they are", () => {
    const args = ['-nnvXSs0', '-r', 'fixtures/linux-echo.pcap'];
    expect(output(['packets', ...args])).toBe(output(['packets', '-nnvXS', 'fixtures/linux-echo.pcap']));
  });
});

/** tcpdump goes on with what it makes of the payload: `length 725: HTTP: GET / ...`. */
function untilLength(line: string): string {
  return line.replace(/(, length \d+)(: .*| \[.*)?$/, '$1');
}

function twoConnections() {
  return scenario(
    { connections: { b: { client: '10.0.0.1:41000' } } },
    `0.0  > S  seq 0 win 1000
     0.01 > S  seq 0 win 1000 conn b
     0.1  < S. seq 0 ack 1 win 1000
     0.11 < S. seq 0 ack 1 win 1000 conn b
     0.2  > .  ack 1
     0.21 > .  ack 1 conn b`,
  );
}
