import { describe, expect, it } from 'vitest';
import { scenario } from '../support/scenario.ts';
import { objects, output, tcpscope } from './tcpscope.ts';

/** Two exchanges over 40 ms, captured at the client: the server thinks 100 ms and 20 ms. */
const { pcap: input } = scenario(
  {},
  `
  0.000 > S  seq 0 win 65535 <mss 1460>
  0.040 < S. seq 0 ack 1 win 65535 <mss 1460>
  0.040 > .  ack 1
  0.050 > P. 1:101(100) ack 1
  0.190 < P. 1:201(200) ack 101
  0.190 > .  ack 201
  0.200 > P. 101:151(50) ack 201
  0.260 < P. 201:1201(1000) ack 151
  0.260 > .  ack 1201`,
);

describe('exchanges', () => {
  it('as text', () => {
    const lines = output(['exchanges', '-'], { input }).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/100 ms .*140 ms .*140 ms .*server: thinking$/);
    expect(lines[3]).toBe('2 exchanges');
  });

  it('says why there are none', () => {
    const oneWay = scenario({}, '0.0 < . 1:1001(1000) ack 1\n0.1 < . 1001:2001(1000) ack 1').pcap;
    expect(output(['exchanges', '-'], { input: oneWay })).toBe(
      'No exchanges: of the connections that carried data the capture holds one direction only.\n',
    );
    const idle = scenario({}, '0.0 > S seq 0 win 1000').pcap;
    expect(output(['exchanges', '-'], { input: idle })).toBe('No exchanges: no connection carried data.\n');
    // A selection that leaves no connection says nothing about the data of the others.
    for (const selection of [
      ['-f', 'port 1'],
      ['--select', 'packets.count > 999'],
    ])
      expect(output(['exchanges', ...selection, 'fixtures/linux-echo.pcap'])).toBe(
        'No exchanges: no connection is selected.\n',
      );
  });

  it('as NDJSON', () => {
    const [first, second] = objects(['exchanges', '--ndjson', '-'], { input });
    expect(first).toMatchObject({
      stream: 0,
      index: 0,
      packet: 4,
      requestBytes: 100,
      answerBytes: 200,
      firstByteMs: 140,
      durationMs: 140,
      thinkingMs: { client: 10, server: 100 },
      limitedBy: { owner: 'server', cause: 'thinking' },
      losses: 0,
      partial: false,
    });
    expect(second).toMatchObject({ requestBytes: 50, answerBytes: 1000, thinkingMs: { client: 10, server: 20 } });
    expect(second.limitedBy).toEqual({ owner: 'network', cause: 'round-trip' });
  });

  it('as CSV, with a header', () => {
    const [header, first] = output(['exchanges', '--csv', '-'], { input }).split('\n');
    const row = Object.fromEntries(header.split(',').map((name, i) => [name, first.split(',')[i]]));
    expect(row).toMatchObject({ requestBytes: '100', 'thinkingMs.server': '100', firstByteMs: '140' });
  });

  it.each([
    ['server-thinking', [0, 1]],
    ['answer-bytes', [1, 0]],
    ['request-bytes', [0, 1]],
    ['duration', [0, 1]],
  ])('sorted by %s', (figure, order) => {
    const rows = objects(['exchanges', '--ndjson', '--sort', figure, '-'], { input });
    expect(rows.map(({ index }) => index)).toEqual(order);
  });

  it('not more than are wanted', () => {
    expect(objects(['exchanges', '--ndjson', '--sort', 'answer-bytes', '--top', '1', '-'], { input })).toHaveLength(1);
  });

  it('of a connection that is not there', () => {
    const { status, stderr } = tcpscope(['exchanges', '--stream', '7', '-'], { input });
    expect(status).toBe(2);
    expect(stderr).toContain('there is no stream 7');
  });
});
