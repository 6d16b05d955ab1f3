import { describe, expect, it } from 'vitest';
import { WIRESHARK_FLAG_NAMES, type WiresharkView, wiresharkFlagNames } from '../../src/model/wireshark.ts';
import { analyse, analyseScenario } from '../support/analyze.ts';
import type { ScenarioOptions } from '../support/scenario.ts';
import { build, WIRESHARK_CASES } from '../support/wireshark-cases.ts';

const PREFIX = 'tcp.analysis.';
const SHORT_NAMES = WIRESHARK_FLAG_NAMES.map((name) => name.slice(PREFIX.length));

const flagsOf = ({ flags }: WiresharkView): string =>
  wiresharkFlagNames(flags)
    .map((name) => name.slice(PREFIX.length))
    .join(' ');

function views(text: string, options: ScenarioOptions = {}): WiresharkView[] {
  return analyseScenario(text, options).rows.map((row) => row.wireshark!);
}

/** The flags of the last packet. */
const last = (text: string): string => flagsOf(views(text).at(-1)!);

describe('the captures that tshark 4.0 misjudges', () => {
  it.each(WIRESHARK_CASES)('$name: the same flags', (wiresharkCase) => {
    const { capture } = build(wiresharkCase);
    const said = analyse(capture.pcap).rows.map((row) => flagsOf(row.wireshark!));
    const expected = capture.lines.map(({ frame }) => {
      const words = wiresharkCase.tshark[frame]?.split(' ') ?? [];
      return SHORT_NAMES.filter((name) => words.includes(name)).join(' ');
    });
    expect(said).toEqual(expected);
  });

  it('the same figures', () => {
    for (const wiresharkCase of WIRESHARK_CASES) {
      const rows = analyse(build(wiresharkCase).capture.pcap).rows;
      for (const [frame, words] of Object.entries(wiresharkCase.tshark)) {
        const { rto, ackRtt } = rows[Number(frame) - 1].wireshark!;
        for (const word of words.split(' ')) {
          const [name, value] = word.split('=');
          if (name === 'rto') expect(rto / 1e9).toBeCloseTo(Number(value), 9);
          if (name === 'ack_rtt') expect(ackRtt / 1e9).toBeCloseTo(Number(value), 9);
          if (name === '!ack_rtt') expect(ackRtt).toBeNaN();
        }
      }
    }
  });
});

/** What tshark 4.0.17 was seen to do with captures made for it. */
describe('boundaries', () => {
  const opened = (rtt: string): string => `
    0.000 > S  seq 0 win 10000 <mss 1460>
    0.000 < S. seq 0 ack 1 win 10000 <mss 1460>
    ${rtt} > . ack 1 win 10000`;
  const hole = `
    1.000 > . 1:101(100) ack 1
    1.001 > . 201:301(100) ack 1`;

  it('a gap is filled out of order within the initial RTT', () => {
    expect(last(`${opened('0.050')} ${hole}\n 1.050 > . 101:201(100) ack 1`)).toBe('out_of_order');
    expect(last(`${opened('0.050')} ${hole}\n 1.051 > . 101:201(100) ack 1`)).toBe('retransmission');
  });

  it('without a handshake, within 3 ms', () => {
    expect(last(`${hole}\n 1.0039 > . 101:201(100) ack 1`)).toBe('out_of_order');
    expect(last(`${hole}\n 1.0041 > . 101:201(100) ack 1`)).toBe('retransmission');
  });

  it('a fast retransmission needs two duplicate ACKs, the last less than 20 ms ago', () => {
    const acks = (count: number): string =>
      ['1.002 < . ack 101', ...Array.from({ length: count }, (_, i) => `1.01${i} < . ack 101`)].join('\n');
    const filled = (count: number, time: string): string =>
      last(`${opened('0.200')} ${hole}\n ${acks(count)}\n ${time} > . 101:201(100) ack 1`);
    expect(filled(1, '1.019')).toBe('out_of_order');
    expect(filled(2, '1.030')).toBe('retransmission fast_retransmission');
    expect(filled(2, '1.032')).toBe('out_of_order');
    expect(filled(3, '1.033')).toBe('out_of_order');
  });

  it('a keep-alive has no more than one byte', () => {
    const sent = `${opened('0.020')}\n 1.0 > . 1:101(100) ack 1\n 1.02 < . ack 101`;
    expect(last(`${sent}\n 9.0 > . 100:100(0) ack 1`)).toBe('keep_alive');
    expect(last(`${sent}\n 9.0 > . 100:101(1) ack 1`)).toBe('keep_alive');
    expect(last(`${sent}\n 9.0 > . 100:102(2) ack 1`)).toBe('');
  });

  it('a window is full when it is met exactly', () => {
    const sent = `
      0.00 > S  seq 0 win 10000 <mss 1460>
      0.02 < S. seq 0 ack 1 win 200 <mss 1460>
      0.02 > .  ack 1 win 10000`;
    expect(last(`${sent}\n 0.03 > . 1:201(200) ack 1`)).toBe('window_full');
    expect(last(`${sent}\n 0.03 > . 1:202(201) ack 1`)).toBe('');
  });

  it('the initial RTT is not that of the packet that ends it', () => {
    // The second comes 1 ms after the first: out of order by the 3 ms that count until an RTT is known.
    const text = `
      0.000 > S 0:2(2) win 1000 <mss 1460>
      0.001 > . 1:2(1) ack 1`;
    expect(last(text)).toBe('out_of_order');
    expect(views(text)[1].initialRtt).toBe(1e6);
  });
});

describe('figures', () => {
  const text = `
    0.00 > S  seq 0 win 10000 <mss 1460,sackOK>
    0.02 < S. seq 0 ack 1 win 10000 <mss 1460,sackOK>
    0.02 > .  ack 1
    1.00 > .  1:101(100) ack 1
    1.01 > P. 101:201(100) ack 1
    1.02 < .  ack 1 <nop,nop,sack 101:201>
    1.03 > .  201:301(100) ack 1
    1.30 > .  1:101(100) ack 1
    1.32 < .  ack 301
    1.33 > F. 301:401(100) ack 1
    1.35 < R  seq 1`;
  const said = views(text);

  it('counts bytes in flight without what is SACKed, and without a FIN', () => {
    expect(said.map((view) => view.bytesInFlight)).toEqual([-1, -1, -1, 100, 200, -1, 200, 200, -1, 100, -1]);
  });

  it('counts the bytes from one PSH to the next', () => {
    expect(said.map((view) => view.pushBytesSent)).toEqual([-1, -1, -1, 100, 200, -1, 100, 200, -1, 300, -1]);
  });

  it('takes the RTT from the first of the copies that end there', () => {
    expect(said.map((view) => view.acksFrame)).toEqual([0, 1, 2, 0, 0, 0, 0, 0, 7, 0, 0]);
    expect(said[8].ackRtt).toBeCloseTo(0.29e9, -2);
    expect(said[1].ackRtt).toBeCloseTo(0.02e9, -2);
  });

  it('takes the RTO from the oldest segment that is not acknowledged', () => {
    expect([said[7].rtoFrame, said[7].rto]).toEqual([4, expect.closeTo(0.3e9, -2)]);
  });

  it('adds to the completeness after each packet', () => {
    expect(said.map((view) => view.completeness)).toEqual([0, 1, 3, 7, 15, 15, 15, 15, 15, 15, 31]);
  });

  it('names the ACK that is repeated', () => {
    const repeated = views(`
      0.0 > . 1:101(100) ack 1
      0.1 > . 101:201(100) ack 1
      0.2 < . ack 101
      0.3 < . ack 101
      0.4 < . ack 101`);
    expect(repeated.map((view) => [view.duplicateAckNumber, view.duplicateAckFrame])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 3],
      [2, 3],
    ]);
  });
});

describe('streams', () => {
  it('a SYN with another number begins a new one, where no connection may begin', () => {
    const said = views(`
      0.0 > S  seq 0 win 1000 <mss 1460>
      0.1 < S. seq 0 ack 1 win 1000 <mss 1460>
      0.2 > .  ack 1
      0.3 > .  1:101(100) ack 1
      0.4 < .  ack 101
      0.5 > S  seq 150 win 1000
      0.6 < .  ack 101`);
    expect(said.map(flagsOf)).toEqual(['', '', '', '', '', 'reused_ports', '']);
    expect(said.map((view) => view.completeness)).toEqual([0, 1, 3, 7, 15, 1, 1]);
  });

  it('both directions of a pair are told apart in later connections too', () => {
    const text = `
      0.0 > S  seq 0 win 1000 <mss 1460>
      0.1 < R. seq 0 ack 1
      5.0 < S  seq 7000 win 1000 <mss 1460>
      5.1 > S. seq 9000 ack 7001 win 1000 <mss 1460>
      5.2 < .  seq 7001 ack 9001`;
    // The other end has another number too, which is told of a SYN,ACK; in this order the RST's own was the first of its end.
    expect(views(text).map(flagsOf)).toEqual(['', '', 'reused_ports', '', '']);
  });
});

describe('what a capture cuts', () => {
  it('says nothing of a packet whose header is cut, and remembers it', () => {
    const said = views(
      `
      0.0 > . 1:101(100) ack 1 <nop,nop,TS val 1 ecr 1>
      0.1 > . 201:301(100) ack 1 <nop,nop,TS val 2 ecr 1> snap 60
      0.2 > . 301:401(100) ack 1 <nop,nop,TS val 2 ecr 1>`,
    );
    expect(said.map(flagsOf)).toEqual(['', '', '']);
  });

  it('says what it says of a packet whose payload is cut', () => {
    const said = views(`
      0.0 > . 1:101(100) ack 1
      0.1 > . 201:301(100) ack 1 snap 60`);
    expect(said.map(flagsOf)).toEqual(['', 'lost_segment']);
  });
});
