import { describe, expect, it } from 'vitest';
import { ROLE_REASON_NAMES } from '../../src/model/connection.ts';
import { ttlLead } from '../../src/tcp/tracker.ts';
import { analyse, analyseScenario } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

const OPEN = `
  0.000 > S  seq 0 win 65535 <mss 1460,wscale 7>
  0.010 < S. seq 0 ack 1 win 65535 <mss 1460,wscale 3>
  0.020 > .  ack 1 win 500`;

describe('relative numbers', () => {
  it('count from the SYN, over the end of the 32 bits', () => {
    // The default initial numbers of a scenario lie right below 2^32.
    const { rows } = analyseScenario(`${OPEN}
      0.030 > P. 1:1401(1400) ack 1
      0.040 < .  ack 1401
      0.050 > P. 1401:2801(1400) ack 1`);
    expect(rows.map((row) => [row.seq, row.end, row.ack])).toEqual([
      [0, 1, -1],
      [0, 1, 1],
      [1, 1, 1],
      [1, 1401, 1],
      [1, 1, 1401],
      [1401, 2801, 1],
    ]);
    expect(rows[5].view.seq).toBeLessThan(rows[0].view.seq);
  });

  it('without a SYN the first byte seen is 1, as in tshark', () => {
    const { rows } = analyseScenario(`
      0.000 > P. 5000:5100(100) ack 9000
      0.010 < P. 9000:9010(10) ack 5100`);
    expect(rows.map((row) => [row.seq, row.end, row.ack])).toEqual([
      [1, 101, 1],
      [1, 11, 101],
    ]);
  });
});

describe('windows', () => {
  it('are scaled by the sender of the window, never on a SYN (RFC 7323 section 2.2)', () => {
    const { rows } = analyseScenario(`${OPEN}
      0.030 < . ack 1 win 100`);
    expect(rows.map((row) => [row.window, row.windowShift])).toEqual([
      [65535, -2],
      [65535, -2],
      [500 * 128, 7],
      [100 * 8, 3],
    ]);
  });

  it('are not scaled unless both ends offered it', () => {
    const { rows } = analyseScenario(`
      0.000 > S  seq 0 <mss 1460,wscale 7>
      0.010 < S. seq 0 ack 1 <mss 1460>
      0.020 > .  ack 1 win 500`);
    expect([rows[2].window, rows[2].windowShift]).toEqual([500, 0]);
  });

  it('are unknown without the handshake', () => {
    const { rows } = analyseScenario('0.000 > P. 1:2(1) ack 1 win 500');
    expect([rows[0].window, rows[0].windowShift]).toEqual([-1, -1]);
  });

  it('use a shift count over 14 as 14 (RFC 7323 section 2.3)', () => {
    const { rows } = analyseScenario(`
      0.000 > S  seq 0 <mss 1460,wscale 200>
      0.010 < S. seq 0 ack 1 <mss 1460,wscale 0>
      0.020 > .  ack 1 win 2`);
    expect(rows[2].window).toBe(2 << 14);
  });
});

describe('client and server', () => {
  const roles = (text: string, options = {}) => {
    const { connection } = analyseScenario(text, options).rows[0];
    return `${connection.client.port} ${connection.server.port} ${ROLE_REASON_NAMES[connection.roleReason]}`;
  };

  it('the sender of the SYN is the client', () => {
    expect(roles('0.0 > S seq 0', { client: '10.0.0.1:80', server: '10.0.0.2:4000' })).toBe('80 4000 SYN');
  });

  it('a SYN,ACK that was captured before its SYN still names the client', () => {
    const text = `
      0.000 < S. seq 0 ack 1
      0.000 > S  seq 0
      0.001 > .  ack 1`;
    const { analyzer, rows } = analyseScenario(text, { client: '10.0.0.1:40000', server: '10.0.0.2:80' });
    expect(analyzer.connections).toHaveLength(1);
    expect(rows.map((row) => row.sender.role)).toEqual(['server', 'client', 'client']);
  });

  it('mid-stream the lower port is the server', () => {
    expect(roles('0.0 < P. 1:2(1) ack 1', { client: '10.0.0.1:40000', server: '10.0.0.2:80' })).toBe('40000 80 ports');
  });
});

describe('incarnations', () => {
  const streams = (text: string, options = {}) => analyseScenario(text, options).rows.map((row) => row.connection.id);

  it('a new SYN after both FINs is a new connection', () => {
    expect(
      streams(
        `${OPEN}
        0.1 > F. seq 1 ack 1
        0.11 < F. seq 1 ack 2
        0.12 > . seq 2 ack 2
        0.2 > S seq 5000000
        0.21 < S. seq 6000000 ack 5000001`,
        { clientIsn: 0, serverIsn: 0 },
      ),
    ).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it('the same ISN again after a reset is a new connection, before it a retransmission', () => {
    expect(streams(`${OPEN}\n 0.1 > R. seq 1 ack 1\n 100.0 > S seq 0`)).toEqual([0, 0, 0, 0, 1]);
    expect(streams('0.0 > S seq 0\n 1.0 > S seq 0\n 3.0 > S seq 0')).toEqual([0, 0, 0]);
  });

  it('silence alone never makes a new connection', () => {
    expect(streams(`${OPEN}\n 90000.0 > P. 1:2(1) ack 1`)).toEqual([0, 0, 0, 0]);
  });

  it('a SYN in the window of a live connection does not open one (RFC 5961 section 4)', () => {
    expect(streams(`${OPEN}\n 0.1 > S seq 200\n 0.2 > P. 1:2(1) ack 1`)).toEqual([0, 0, 0, 0, 0]);
  });

  it('copies of one packet in two VLANs are one connection', () => {
    const capture = scenario({}, `0.0 > S seq 0 vlan 5\n 0.0 dup 1 vlan 6\n 0.01 < S. seq 0 ack 1 vlan 5`);
    const { analyzer, rows } = analyse(capture.pcap);
    expect(analyzer.connections).toHaveLength(1);
    // The other VLAN is another point of view: its copy has a row where every view is shown.
    expect(rows).toHaveLength(2);
    expect(analyse(capture.pcap, { everyView: true }).rows).toHaveLength(3);
  });
});

describe('the usual TTL of an end', () => {
  const after = (...ttls: number[]) => ttls.reduce(ttlLead, -1);
  const ttlOf = (lead: number) => (lead < 0 ? null : lead & 255);

  it('is that of most of its packets, and none where two are even', () => {
    expect(ttlOf(after(255))).toBe(255);
    expect(ttlOf(after(255, 55))).toBeNull();
    expect(ttlOf(after(255, 55, 55))).toBe(55);
    expect(ttlOf(after(64, 64, 55))).toBe(64);
    for (const ttl of [0, 1, 127, 128, 255]) expect(ttlOf(after(ttl, ttl))).toBe(ttl);
    expect(ttlOf(after(0, 0, 55))).toBe(0);
  });

  it.each([0, 64])('changes for good after as many packets as it led by, sixteen at the most: from %i', (ttl) => {
    const steady = new Array(40).fill(ttl);
    expect(ttlOf(after(...steady, ...new Array(15).fill(60)))).toBe(ttl);
    expect(ttlOf(after(...steady, ...new Array(16).fill(60)))).toBeNull();
    expect(ttlOf(after(...steady, ...new Array(17).fill(60)))).toBe(60);
  });
});
