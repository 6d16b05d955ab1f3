import { describe, expect, it } from 'vitest';
import { scenario } from '../support/scenario.ts';
import { objects, output, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';

/** One that is closed, one that is refused, one that is picked up in the middle. */
const THREE = scenario(
  { connections: { b: { client: '10.0.0.1:41000' }, c: { client: '10.0.0.3:42000', server: '10.0.0.2:25' } } },
  `0.0  > S  seq 0 win 1000
   0.01 > S  seq 0 win 1000 conn b
   0.1  < S. seq 0 ack 1 win 1000
   0.11 < R. seq 0 ack 1 win 0 conn b
   0.2  > .  ack 1
   0.3  > P. seq 1 ack 1 "hello" conn c
   0.4  > F. seq 1 ack 1
   0.5  < .  seq 1 ack 2
   0.6  < F. seq 1 ack 2
   0.7  > .  seq 2 ack 2`,
).pcap;

describe('--filter', () => {
  it.each([
    ['tcp[tcpflags] & tcp-syn != 0', (row: Record<string, unknown>) => String(row.flags).includes('S')],
    ['src port 5001', (row: Record<string, unknown>) => row.srcPort === 5001],
    ['tcp[tcpflags] & tcp-push != 0', (row: Record<string, unknown>) => String(row.flags).includes('P')],
    ['ether[0] & 1 = 0 and len > 1000', (row: Record<string, unknown>) => (row.payloadLength as number) > 1000],
  ])('%s shows the packets as they are without it', (filter, accepts) => {
    const wanted = objects(['packets', '--ndjson', LOSS]).filter(accepts);
    expect(wanted.length).toBeGreaterThan(0);
    expect(objects(['packets', '--ndjson', '-f', filter, LOSS])).toEqual(wanted);
  });

  it.each([
    [['-r', LOSS, 'tcp', 'src', 'port', '5001']],
    [[LOSS, 'tcp and src port 5001']],
    [[LOSS, 'src', 'port', '5001', 'and', 'len', '<', '2000']],
  ])('may stand after the captures, as with tcpdump: %j', (words) => {
    expect(output(['packets', ...words])).toBe(output(['packets', '-f', 'src port 5001', LOSS]));
  });

  it('is no filter what is no expression, or the name of a file', () => {
    expect(tcpscope([LOSS, 'prot', '80']).stderr).toContain('prot 80 is neither a file nor a valid filter');
    expect(tcpscope(['-f', 'port 80', LOSS, 'port 80'])).toMatchObject({ status: 2, stdout: '' });
    expect(tcpscope(['-f', 'port 80', LOSS, 'tcp']).stderr).toContain('tcp: the file was left out: no such file');
    expect(tcpscope(['-r', LOSS, 'fixtures/linux-echo.pcap']).stdout).toContain('2 connections');
  });

  it('leaves the report as it is when it accepts something of every connection', () => {
    const pick = (text: string) => {
      const { connections, findings } = JSON.parse(text);
      return { connections, findings };
    };
    const filtered = output(['--json', '-f', 'tcp[tcpflags] & tcp-syn != 0', LOSS]);
    expect(pick(filtered)).toEqual(pick(output(['--json', LOSS])));
    expect(output(['-f', 'tcp[tcpflags] & tcp-syn != 0', LOSS])).toContain('the filter accepts 2 of 203 TCP packets');
  });

  it('selects the connections with a packet that it accepts', () => {
    const streams = (...args: string[]) =>
      (JSON.parse(output(['--json', ...args, '-'], { input: THREE })).connections as { stream: number }[]).map(
        ({ stream }) => stream,
      );
    expect(streams()).toEqual([0, 1, 2]);
    expect(streams('-f', 'tcp[tcpflags] & tcp-rst != 0')).toEqual([1]);
    expect(streams('-f', 'src port 80')).toEqual([0, 1]);
    expect(streams('-f', 'host 10.0.0.3')).toEqual([2]);
    expect(streams('-f', 'src port 80', '--stream', '1')).toEqual([1]);
    expect(output(['-f', 'port 443', '-'], { input: THREE })).toContain('No connection has a packet that is selected.');
  });

  it('selects their sockets, with the states that the whole capture shows', () => {
    const states = (...args: string[]) => output(['states', '-q', '--at', '0.65', ...args, '-'], { input: THREE });
    expect(states('-f', 'tcp[tcpflags] & tcp-fin != 0')).toBe(`\
tcp        0      0 10.0.0.1:40000          10.0.0.2:80             TIME_WAIT
tcp        0      0 10.0.0.2:80             0.0.0.0:*               LISTEN
tcp        0      1 10.0.0.2:80             10.0.0.1:40000          LAST_ACK
`);
  });

  it('does so for checks, scripts and the replay of congestion', () => {
    const check = (...args: string[]) =>
      tcpscope(['check', '-', '--fail-on', 'connection-refused', ...args], { input: THREE }).status;
    expect(check()).toBe(1);
    expect(check('-f', 'tcp[tcpflags] & tcp-fin != 0')).not.toBe(1);
    expect(output(['script', '-f', 'tcp[tcpflags] & tcp-rst != 0', '-'], { input: THREE })).toContain('R.');
    const senders = JSON.parse(output(['congestion', '--json', '-f', 'src port 5001', LOSS])).senders;
    expect(senders).toEqual(JSON.parse(output(['congestion', '--json', LOSS])).senders);
  });
});

describe('--stream', () => {
  it.each([
    [[]],
    [['packets']],
    [['packets', '--format', 'tcpdump']],
    [['states']],
    [['congestion']],
    [['congestion', '--format', 'qlog']],
    [['follow']],
    [['script']],
    [['check', '--expect', 'handshake.complete']],
  ])('that is not there is a mistake: %j', (command) => {
    const { status, stdout, stderr } = tcpscope([...command, '--stream', '3', '-'], { input: THREE });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('there is no stream 3: the capture holds 3 connections, numbers 0 to 2');
  });

  it('and so it is in a capture without TCP', () => {
    const empty = THREE.subarray(0, 24);
    expect(tcpscope(['packets', '--stream', '0', '-'], { input: empty }).stderr).toContain('holds no TCP connection');
  });
});
