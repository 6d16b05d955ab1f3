import { describe, expect, it } from 'vitest';
import { scenario } from '../support/scenario.ts';
import { fixture, objects, output, tcpscope } from './tcpscope.ts';

const LOOPBACK = 'fixtures/seed-loopback-echo.pcap';

/** The four listings of `netstat -tan | grep 30002` in the first document, as it prints them. */
const LISTEN = 'tcp        0      0 127.0.0.1:30002         0.0.0.0:*               LISTEN\n';
const CONNECTED = `${LISTEN}\
tcp        0      0 127.0.0.1:30002         127.0.0.1:48496         ESTABLISHED
tcp        0      0 127.0.0.1:48496         127.0.0.1:30002         ESTABLISHED
`;
const HALF_CLOSED = `${LISTEN}\
tcp        0      0 127.0.0.1:30002         127.0.0.1:48496         CLOSE_WAIT
tcp        0      0 127.0.0.1:48496         127.0.0.1:30002         FIN_WAIT2
`;
const CLOSED = `${LISTEN}\
tcp        0      0 127.0.0.1:48496         127.0.0.1:30002         TIME_WAIT
`;

describe('tcpscope states', () => {
  // Before the connection, between handshake and close, between the FINs, and after the last: by the times of the packets.
  it.each([
    ['before the server is called', '17:41:00', LISTEN],
    ['while they talk', '17:42:20', CONNECTED],
    ['when the client has closed', '17:42:45', HALF_CLOSED],
    ['when both have', '17:43:00', CLOSED],
  ])('prints what netstat printed %s', (_, time, listing) => {
    expect(output(['states', '-q', LOOPBACK, '--at', time])).toBe(listing);
  });

  it('ends TIME-WAIT after twice the MSL, which is 30 s unless said otherwise', () => {
    // The FIN of the server, packet 10, took the client to TIME-WAIT at 17:42:51.138882.
    const at = (...args: string[]) => output(['states', '-q', LOOPBACK, ...args]);
    expect(at('--at', '17:43:51.13')).toBe(CLOSED);
    expect(at('--at', '17:43:51.14')).toBe(LISTEN);
    expect(at('--at', '17:44:51.13', '--msl', '60')).toBe(CLOSED);
  });

  it('takes seconds since the first packet, Unix times, dates and packet numbers', () => {
    const dates = ['2020-05-09T17:42:27Z', '2020-05-09T19:42:27.5+02:00', '2020-05-09 17:42:27'];
    for (const time of ['31', '31s', '+31', '1589046147', '1589046147.25', ...dates, '17:42:27']) {
      expect(output(['states', '-q', LOOPBACK, '--at', time])).toBe(CONNECTED);
    }
    expect(output(['states', '-q', LOOPBACK, '--packet', '9'])).toBe(HALF_CLOSED);
  });

  it('takes a date to the nanosecond', () => {
    // The FIN of the server, packet 10, was at 17:42:51.138882.
    const at = (time: string) => output(['states', '-q', LOOPBACK, '--at', time]);
    expect(at('2020-05-09T17:42:51.138881Z')).toBe(HALF_CLOSED);
    expect(at('2020-05-09T17:42:51.138882Z')).toContain('TIME_WAIT');
  });

  it('warns of a moment outside of the capture, and says what it spans', () => {
    const at = (time: string) => tcpscope(['states', LOOPBACK, '--at', time]);
    // 55.05 s from the first packet, 17:41:56.089133, to the last, 17:42:51.138908.
    const span = 'the capture, which spans 2020-05-09 17:41:56 UTC to 2020-05-09 17:42:51 UTC (55.0 s)';
    expect(at('500').stderr).toBe(`tcpscope: warning: --at is 7 min 25 s after ${span}\n`);
    expect(at('17:41:56').stderr).toBe(`tcpscope: warning: --at is 89.1 ms before ${span}\n`);
    expect(at('2021-05-09').stderr).toContain(`--at is 364 d 06 h after ${span}`);
    expect(at('0')).toMatchObject({ status: 0, stderr: '' });
    expect(at('55')).toMatchObject({ status: 0, stderr: '' });
  });

  it('reads a time of day in the zone of TZ', () => {
    const env = { TZ: 'Asia/Shanghai' };
    expect(output(['states', '-q', LOOPBACK, '--at', '2020-05-10 01:42:20'], { env })).toBe(CONNECTED);
    expect(output(['states', '-q', LOOPBACK, '--at', '01:42:20'], { env })).toBe(CONNECTED);
  });

  it('goes through all moments at which something changed', () => {
    const moments = objects(['states', '--ndjson', LOOPBACK]);
    // Packets 4 to 7 carry data, which changes no state.
    expect(moments.map((moment) => moment.packet)).toEqual([null, 1, 2, 3, 8, 9, 10, 11]);
    const text = output(['states', '-q', LOOPBACK]);
    for (const listing of [LISTEN, CONNECTED, HALF_CLOSED, CLOSED]) expect(text).toContain(listing);
  });

  it('shows what is sent and not acknowledged as Send-Q', () => {
    // Packet 4 holds 11 bytes, packet 5 acknowledges them; a SYN and a FIN count one.
    const queues = (packet: number) =>
      output(['states', '-q', LOOPBACK, '--packet', String(packet)]).match(/^tcp +0 +\d+ 127.0.0.1:48496.*$/m)?.[0];
    expect(queues(1)).toContain(' 0      1 127.0.0.1:48496 ');
    expect(queues(4)).toContain(' 0     11 127.0.0.1:48496 ');
    expect(queues(5)).toContain(' 0      0 127.0.0.1:48496 ');
    expect(queues(8)).toContain(' 0      1 127.0.0.1:48496 ');
  });

  it('prints the listing of macOS that the third document shows', () => {
    const { pcap } = scenario(
      { client: '127.0.0.1:54544', server: '127.0.0.1:5000', link: 'null' },
      `0.0 > S seq 0 win 65535
       0.1 < S. seq 0 ack 1
       0.2 > . ack 1`,
    );
    expect(output(['states', '-q', '--style', 'macos', '-', '--packet', '3'], { input: pcap })).toBe(
      `\
tcp4       0      0  127.0.0.1.5000         127.0.0.1.54544        ESTABLISHED
tcp4       0      0  127.0.0.1.54544        127.0.0.1.5000         ESTABLISHED
tcp4       0      0  127.0.0.1.5000         *.*                    LISTEN
`,
    );
  });

  it('keeps the hosts apart', () => {
    const both = output(['states', 'fixtures/linux-echo.pcap', '--packet', '5']);
    expect(both).toMatch(/on 10\.9\.0\.1\ntcp .*ESTABLISHED\non 10\.9\.0\.2\ntcp .*LISTEN\ntcp .*ESTABLISHED\n$/);
    const one = output(['states', '-q', 'fixtures/linux-echo.pcap', '--packet', '5', '--host', '10.9.0.1']);
    expect(one.split('\n')).toHaveLength(2);
  });

  it('refuses a host that no connection has, which would look as if it had no sockets', () => {
    const { status, stderr } = tcpscope(['states', 'fixtures/linux-echo.pcap', '--host', '10.9.0.3']);
    expect(status).toBe(2);
    expect(stderr).toContain('there is no host 10.9.0.3: the connections are of 10.9.0.1, 10.9.0.2');
  });

  it('goes through CLOSING at both ends of a simultaneous close', () => {
    expect(
      output(['states', 'fixtures/linux-simultaneous-close.pcap']).match(/CLOSING/g)?.length,
    ).toBeGreaterThanOrEqual(2);
  });

  it('says what is wrong with a moment', () => {
    expect(tcpscope(['states', fixture('linux-echo.pcap'), '--at', 'noon']).stderr).toContain(
      'a time of day (17:42:16)',
    );
    expect(tcpscope(['states', fixture('linux-echo.pcap'), '--packet', '9999'])).toMatchObject({ status: 2 });
  });

  describe('of a capture with very many connections', () => {
    // 101 clients connect, one after the other, a second apart; the last one closes.
    const connections = Object.fromEntries(
      Array.from({ length: 101 }, (_, i) => [`c${i}`, { client: `10.0.1.${i + 1}:4000`, server: '10.0.0.1:80' }]),
    );
    const { pcap } = scenario(
      { connections },
      [
        ...Object.keys(connections).flatMap((name, i) => [
          `${i}.0 > S seq 0 conn ${name}`,
          `${i}.1 < S. seq 0 ack 1 conn ${name}`,
          `${i}.2 > . ack 1 conn ${name}`,
        ]),
        '200.0 > F. seq 1 ack 1 conn c100',
        '200.1 < . ack 2 conn c100',
        '200.2 < F. seq 1 ack 2 conn c100',
        '200.3 > . ack 2 conn c100',
      ].join('\n'),
    );
    const states = (...args: string[]) => tcpscope(['states', '-', ...args], { input: pcap });
    const moments = (...args: string[]) =>
      states('--ndjson', ...args)
        .stdout.trimEnd()
        .split('\n')
        .map((line): { complete: boolean; sockets: unknown[] } => JSON.parse(line));

    it('lists the sockets that changed, with those that went, and says so', () => {
      const { status, stdout, stderr } = states();
      expect(status).toBe(0);
      expect(stderr).toContain('101 connections: of each moment only the sockets that changed are listed');
      // The SYN of the second client changes its own socket and makes one of the server; nobody else is repeated.
      expect(stdout).toContain('10.0.1.2:4000           10.0.0.1:80             SYN_SENT');
      expect(stdout.match(/10\.0\.1\.1:4000 +10\.0\.0\.1:80 +ESTABLISHED/g)).toHaveLength(1);
      expect(stdout).toMatch(/10\.0\.0\.1:80 +10\.0\.1\.101:4000 +CLOSE\n/);
      const [first, ...others] = moments();
      expect(first.complete).toBe(true);
      expect(others.every(({ complete, sockets }) => !complete && sockets.length <= 2)).toBe(true);
    });

    it('lists all of them at one moment, with --all, and of one connection', () => {
      // Two sockets to each connection, and the one that listens.
      expect(moments('--at', '150')).toMatchObject([{ complete: true, sockets: { length: 203 } }]);
      expect(moments('--all').every(({ complete }) => complete)).toBe(true);
      const { stderr, stdout } = states('--stream', '100');
      expect(stderr).toBe('');
      expect(stdout).toContain('LISTEN');
      expect(stdout).not.toContain('10.0.1.100:');
    });
  });
});
