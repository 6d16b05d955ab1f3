/** The constants of the findings: for each an example that is just enough, and one that is one unit short of it. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { findingsIn } from '../support/findings.ts';
import type { ScenarioOptions } from '../support/scenario.ts';
import { HANDSHAKE, PLAIN } from './cases.ts';

const OTHER: ScenarioOptions = { connections: { B: { client: '10.0.0.9:50000', server: '10.0.0.8:80' } } };
/** A packet of another connection, with which the capture ends. */
const endsAt = (seconds: number) => `\n ${at(seconds)} > S seq 0 win 8192 <mss 1460> conn B`;
const at = (seconds: number) => seconds.toFixed(6);
const lines = (n: number, line: (i: number) => string) =>
  `\n${Array.from({ length: n }, (_, i) => line(i)).join('\n')}`;

function found(text: string, id: string, options = OTHER): Finding[] {
  return findingsIn(text, options).filter((finding) => finding.id === id);
}

const has = (text: string, id: string) => found(text, id).length > 0;
const severity = (text: string, id: string) => found(text, id)[0]?.severity;

describe('duplicate-acks', () => {
  const acks = (n: number) => `${PLAIN}
    0.100 > . 1:1461(1460) ack 1
    0.100 > . 1461:2921(1460) ack 1
    ${lines(n, (i) => `${at(0.13 + i / 1e3)} < . ack 1 win 65160`)}`;

  it('three in a row (RFC 5681 section 3.2), and not two', () => {
    expect([has(acks(3), 'duplicate-acks'), has(acks(2), 'duplicate-acks')]).toEqual([true, false]);
  });

  it('says how many the longest burst had', () => {
    expect(found(acks(5), 'duplicate-acks')[0].text).toMatch(/\b5\b/);
  });
});

describe('delayed-acks', () => {
  // The shortest round trip is 20 ms.
  const acks = (n: number, delay: (i: number) => number) =>
    PLAIN +
    lines(
      n,
      (i) => `${at(1 + i)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1
              ${at(1.02 + i + delay(i))} < . ack ${101 + 100 * i}`,
    );

  it('five that are held back for 35 ms or more: less may be the path', () => {
    expect(
      has(
        acks(5, () => 0.035),
        'delayed-acks',
      ),
    ).toBe(true);
    expect(
      has(
        acks(4, () => 0.035),
        'delayed-acks',
      ),
    ).toBe(false);
    expect(
      has(
        acks(5, () => 0.034999),
        'delayed-acks',
      ),
    ).toBe(false);
  });

  it('for 500 ms at the most (RFC 1122 section 4.2.3.2)', () => {
    expect(
      has(
        acks(5, () => 0.5),
        'delayed-acks',
      ),
    ).toBe(true);
    expect(
      has(
        acks(5, () => 0.500001),
        'delayed-acks',
      ),
    ).toBe(false);
  });

  it('alike, as a timer makes them: the longest half as long again as the shortest at the most', () => {
    expect(
      has(
        acks(5, (i) => (i === 0 ? 0.06 : 0.04)),
        'delayed-acks',
      ),
    ).toBe(true);
    expect(
      has(
        acks(5, (i) => (i === 0 ? 0.060001 : 0.04)),
        'delayed-acks',
      ),
    ).toBe(false);
  });
});

describe('stretch-acks', () => {
  const acks = (n: number, segments: number, plain = 0) =>
    PLAIN +
    lines(n, (i) => {
      const start = 1 + i * segments * 1460;
      const data = lines(
        segments,
        (k) => `${at(1 + i / 10)} > . ${start + k * 1460}:${start + (k + 1) * 1460}(1460) ack 1`,
      );
      return `${data}\n ${at(1.02 + i / 10)} < . ack ${start + segments * 1460}`;
    }) +
    lines(plain, (i) => {
      const start = 1 + n * segments * 1460 + i * 100;
      return `${at(10 + i / 10)} > P. ${start}:${start + 100}(100) ack 1\n ${at(10.02 + i / 10)} < . ack ${start + 100}`;
    });

  it('twenty for more than two segments each', () => {
    expect([has(acks(20, 3), 'stretch-acks'), has(acks(19, 3), 'stretch-acks')]).toEqual([true, false]);
    expect(has(acks(20, 2), 'stretch-acks')).toBe(false);
  });

  it('which are more than half of all: the SYN,ACK is one', () => {
    expect([has(acks(20, 3, 18), 'stretch-acks'), has(acks(20, 3, 19), 'stretch-acks')]).toEqual([true, false]);
  });
});

describe('checksum-offload', () => {
  const wrong = (n: number, how = 'badcksum') =>
    PLAIN + lines(n, (i) => `${at(1 + i / 10)} > P. ${1 + 10 * i}:${11 + 10 * i}(10) ack 1 ${how}`);

  it('three wrong sums of one host, and not two', () => {
    expect([has(wrong(3), 'checksum-offload'), has(wrong(2), 'checksum-offload')]).toEqual([true, false]);
  });

  it('one sum of the pseudo-header alone', () => {
    expect([has(wrong(1, 'offload'), 'checksum-offload'), has(wrong(0), 'checksum-offload')]).toEqual([true, false]);
  });
});

describe('keep-alive-failure', () => {
  const probes = (n: number) =>
    `${PLAIN}\n 0.100 > P. 1:101(100) ack 1\n 0.120 < . ack 101${lines(n, (i) => `${at(10 + i)} > . seq 100 ack 1`)}`;

  it('two probes without an answer, and not one', () => {
    expect([has(probes(2), 'keep-alive-failure'), has(probes(1), 'keep-alive-failure')]).toEqual([true, false]);
    expect(has(probes(1), 'keep-alive')).toBe(true);
  });

  it('none where the last is answered', () => {
    expect(has(`${probes(2)}\n 12.020 < . ack 101`, 'keep-alive-failure')).toBe(false);
  });

  it('is told where the first one stands that was not answered', () => {
    const failing = findingsIn(
      `${probes(1)}\n 10.02 < . ack 101\n 11 > . seq 100 ack 1\n 12 > . seq 100 ack 1\n 13 > R. seq 101 ack 1 win 0`,
    );
    const [failure] = failing.filter(({ id }) => id === 'keep-alive-failure');
    expect([failure.frame, failure.evidence]).toEqual([8, [8, 9, 10]]);
    expect(failing.map(({ id }) => id)).toContain('keep-alive');
    expect(has(`${probes(1)}\n 10.02 < . ack 101\n 11 > . seq 100 ack 1`, 'keep-alive-failure')).toBe(false);
  });

  it('one is none where the data before it is not acknowledged: that is a retransmission', () => {
    expect(has(`${PLAIN}\n 0.100 > P. 1:101(100) ack 1\n 10 > . 100:101(1) ack 1`, 'keep-alive')).toBe(false);
  });
});

describe('what is not answered when the capture ends', () => {
  const syn = (seconds: number) => `0.000 > S seq 0 win 8192 <mss 1460>${endsAt(seconds)}`;
  it('syn-unanswered after a second', () => {
    expect([has(syn(1), 'syn-unanswered'), has(syn(0.999999), 'syn-unanswered')]).toEqual([true, false]);
  });

  const synAck = (seconds: number) =>
    `0.000 > S seq 0 win 8192 <mss 1460>\n 0.010 < S. seq 0 ack 1 win 8192 <mss 1460>${endsAt(seconds)}`;
  it('half-open after a second', () => {
    expect([has(synAck(1.01), 'half-open'), has(synAck(1.009999), 'half-open')]).toEqual([true, false]);
  });

  const fin = (seconds: number) => `${PLAIN}\n 0.100 > F. seq 1 ack 1${endsAt(seconds)}`;
  it('fin-unanswered after a second', () => {
    expect([has(fin(1.1), 'fin-unanswered'), has(fin(1.099999), 'fin-unanswered')]).toEqual([true, false]);
  });

  const half = (seconds: number) => `${PLAIN}\n 0.100 > F. seq 1 ack 1\n 0.120 < . ack 2${endsAt(seconds)}`;
  it('close-wait-stuck after a minute', () => {
    expect([has(half(60.12), 'close-wait-stuck'), has(half(60.119999), 'close-wait-stuck')]).toEqual([true, false]);
  });

  it('close-wait-stuck in a capture that begins in the middle: data or keep-alives of the end show that it has not closed', () => {
    const met = (before: string, after = '', seconds = 70) => {
      const text = `${before}\n 0.1 > F. seq 101 ack 1\n 0.12 < . seq 1 ack 102${after}${endsAt(seconds)}`;
      const [stuck] = found(text, 'close-wait-stuck');
      return stuck && [stuck.severity, stuck.confidence];
    };
    const [sure, unsure] = [
      ['warning', 0.8],
      ['info', 0.5],
    ];
    const asked = '0.0 > P. 1:101(100) ack 1';
    expect([met(`${asked}\n 0.02 < . seq 1 ack 101`), met(`${asked}\n 0.02 < P. 1:2(1) ack 101`)]).toEqual([
      unsure,
      sure,
    ]);
    // The end took none of its peer's data: it may have closed before.
    const idle = '0.0 > . seq 101 ack 1\n 0.02 < . seq 1 ack 101';
    expect(met(idle)).toBeUndefined();
    expect(has(`${asked}\n 0.1 > F. seq 101 ack 1\n 0.12 < . seq 1 ack 101${endsAt(70)}`, 'close-wait-stuck')).toBe(
      false,
    );
    expect([met(idle, '\n 5.0 < . seq 0 ack 102'), met(idle, '\n 5.0 < . seq 1 ack 102')]).toEqual([sure, undefined]);
    // Those of its peer, and those before its peer closed, say nothing of it.
    expect(met(idle, '\n 5.0 > . seq 101 ack 1')).toBeUndefined();
    expect(met(`${idle}\n 0.03 < . seq 0 ack 101\n 0.04 > . seq 101 ack 1`)).toBeUndefined();
  });

  it('close-wait-stuck a minute after all but keep-alives', () => {
    const kept = (end: number, more = '') => {
      const alive = lines(6, (i) => `${at(10 + 10 * i)} < . seq 0 ack 2\n ${at(10.02 + 10 * i)} > . seq 2 ack 1`);
      return found(
        `${PLAIN}\n 0.100 > F. seq 1 ack 1\n 0.120 < . ack 2${alive}${more}${endsAt(end)}`,
        'close-wait-stuck',
      );
    };
    expect([kept(60.12).length, kept(60.119999).length]).toEqual([1, 0]);
    expect(kept(70)[0].text).toMatch(/ has sent nothing but keep-alives for 1 min 10 s: /);
    expect(kept(130)[0].text).toMatch(/ has sent nothing but keep-alives for 2 min 10 s: /);
    // Its data begin the time anew.
    const data = '\n 61.0 < P. 1:11(10) ack 2\n 61.02 > . seq 2 ack 11';
    expect([kept(121.02, data).length, kept(121.019999, data).length]).toEqual([1, 0]);
    expect(kept(130, data)[0].text).toMatch(/ has sent nothing for /);
  });
});

describe('an end after a silence', () => {
  const close = (seconds: number, flags: string) =>
    `${PLAIN}\n 0.100 > P. 1:101(100) ack 1\n 0.120 < . ack 101\n ${at(0.12 + seconds)} > ${flags} seq 101 ack 1`;
  it.each(['F.', 'R.'])('idle-close with %s after thirty seconds', (flags) => {
    expect([has(close(30, flags), 'idle-close'), has(close(29.999999, flags), 'idle-close')]).toEqual([true, false]);
  });
});

describe('options', () => {
  it('window-scale-too-large: above 14 (RFC 7323 section 2.3)', () => {
    const shift = (n: number) => `0.000 > S seq 0 win 8192 <mss 1460,nop,wscale ${n}>`;
    expect([has(shift(15), 'window-scale-too-large'), has(shift(14), 'window-scale-too-large')]).toEqual([true, false]);
  });

  it.each(['no-sack', 'no-timestamps', 'no-window-scaling'])(
    '%s: from 65,535 bytes on, a window without scaling',
    (id) => {
      const sent = (bytes: number) =>
        PLAIN +
        lines(Math.ceil(bytes / 1460), (i) => {
          const [start, end] = [1 + i * 1460, Math.min(1 + (i + 1) * 1460, 1 + bytes)];
          return `${at(1 + i)} > . ${start}:${end}(${end - start}) ack 1\n ${at(1.02 + i)} < . ack ${end}`;
        });
      expect([has(sent(65535), id), has(sent(65534), id)]).toEqual([true, false]);
    },
  );

  it('mss-missing: where two segments were sent to it', () => {
    const sent = (n: number) =>
      PLAIN.replace('S.  seq 0 ack 1 win 65160 <mss 1460>', 'S. seq 0 ack 1 win 65160') +
      lines(n, (i) => `${at(1 + i)} > P. ${1 + i}:${2 + i}(1) ack 1`);
    expect([has(sent(2), 'mss-missing'), has(sent(1), 'mss-missing')]).toEqual([true, false]);
  });
});

describe('zero-window', () => {
  const closed = (lasted: number, probe = '') => `${PLAIN}
    0.100000 > P. 1:101(100) ack 1
    0.120000 < .  ack 101 win 0
    ${probe}
    ${at(0.12 + lasted)} < . ack 101 win 65160`;

  it('is worth a warning from 100 ms on, or once it is probed', () => {
    expect(severity(closed(0.1), 'zero-window')).toBe('warning');
    expect(severity(closed(0.099999), 'zero-window')).toBe('info');
    expect(severity(closed(0.099999, '0.150000 > . 101:102(1) ack 1'), 'zero-window')).toBe('warning');
  });
});

describe('small-segments', () => {
  const typed = (n: number, bytes: number, answers = 0) => {
    const sent = lines(n, (i) => {
      const start = 1 + i * bytes;
      return `${at(1 + i)} > P. ${start}:${start + bytes}(${bytes}) ack 1\n ${at(1.02 + i)} < . ack ${start + bytes}`;
    });
    return PLAIN + sent + lines(answers, (i) => `${at(200 + i)} < P. ${1 + i}:${2 + i}(1) ack ${1 + n * bytes}`);
  };

  it('fifty of 75 bytes at the most', () => {
    expect(has(typed(50, 75), 'small-segments')).toBe(true);
    expect([has(typed(49, 75), 'small-segments'), has(typed(50, 76), 'small-segments')]).toEqual([false, false]);
  });

  it('four times as many as the other end sends: somebody who types is answered for each', () => {
    expect([has(typed(52, 10, 13), 'small-segments'), has(typed(52, 10, 14), 'small-segments')]).toEqual([true, false]);
  });
});

describe('challenge-ack', () => {
  // RFC 5961 section 4.2: a SYN in a synchronized state is answered with an ACK.
  const answer = (late: number) => `${HANDSHAKE}
    0.100 > P. 1:101(100) ack 1 <nop,nop,TS val 1100 ecr 7000>
    0.120 < .  ack 101 <nop,nop,TS val 7100 ecr 1100>
    1.000 > S  seq 5000 win 8192 <mss 1460>
    ${at(1 + late)} < . ack 101 <nop,nop,TS val 8000 ecr 1100>`;

  it('comes within a second', () => {
    expect(found(answer(1), 'challenge-ack')[0]?.confidence).toBe(0.9);
    expect(found(answer(1.000001), 'challenge-ack').filter(({ confidence }) => confidence === 0.9)).toEqual([]);
  });
});

describe('port-reused-early', () => {
  const again = (seconds: number) => `${PLAIN}
    0.100 > F. seq 1 ack 1
    0.120 < F. seq 1 ack 2
    0.121 > .  seq 2 ack 2
    ${at(0.121 + seconds)} > S seq -1000 win 8192 <mss 1460>`;

  it('within two maximum segment lifetimes (RFC 9293 section 3.4.3), by a number that is not later', () => {
    expect([has(again(239.999999), 'port-reused-early'), has(again(240), 'port-reused-early')]).toEqual([true, false]);
    expect(has(again(240), 'port-reused')).toBe(true);
    expect(has(again(239.999999).replace('seq -1000', 'seq 1000'), 'port-reused-early')).toBe(false);
  });

  it('not where the file goes back in time: two points of one connection stand one after the other there', () => {
    expect([has(again(0), 'port-reused-early'), has(again(-0.000001), 'port-reused-early')]).toEqual([true, false]);
  });
});

describe('offload-segments', () => {
  const sized = (bytes: number) => `${PLAIN}\n 0.100 > P. 1:${1 + bytes}(${bytes}) ack 1`;
  it('more than the MSS of the receiver', () => {
    expect([has(sized(1461), 'offload-segments'), has(sized(1460), 'offload-segments')]).toEqual([true, false]);
  });
});

describe('timeout-too-short', () => {
  const timeouts = (starts: readonly number[]) =>
    PLAIN +
    lines(starts.length, (i) => {
      const data = `> P. ${starts[i]}:${starts[i] + 1000}(1000) ack 1`;
      return `${at(0.1 + i)} ${data}\n ${at(0.35 + i)} ${data}\n ${at(0.352 + i)} < . ack ${starts[i] + 1000}`;
    });

  it('counts a place once, however often it is sent again: its answers do not get there', () => {
    expect(has(timeouts([1, 1001, 2001]), 'timeout-too-short')).toBe(true);
    expect(has(timeouts([1, 1001, 1001]), 'timeout-too-short')).toBe(false);
  });
});

describe('network-duplicate', () => {
  const copies = (n: number, packets: number, answered = n) => {
    const data = lines(packets, (i) => {
      const id = 100 + i;
      return `${at(1 + i)} > P. ${1 + i}:${2 + i}(1) ack 1 id ${id}\n ${at(1.02 + i)} < . ack ${2 + i}`;
    });
    const again = lines(n, (i) => {
      const copy = `${at(packets + 2 + i / 10)} dup ${2 + 2 * (packets - i)}`;
      return i >= answered ? copy : `${copy}\n ${at(packets + 2.02 + i / 10)} < . ack ${1 + packets}`;
    });
    return PLAIN + data + again;
  };

  it('is worth a warning from three on', () => {
    expect(severity(copies(3, 20), 'network-duplicate')).toBe('warning');
    expect(severity(copies(2, 20), 'network-duplicate')).toBe('info');
  });

  it('is left to the capture where less than half of three copies of data were answered', () => {
    expect([has(copies(3, 20, 0), 'network-duplicate'), has(copies(3, 20, 0), 'capture-duplicate')]).toEqual([
      false,
      true,
    ]);
    expect([has(copies(2, 20, 0), 'network-duplicate'), has(copies(2, 20, 0), 'capture-duplicate')]).toEqual([
      true,
      false,
    ]);
    expect([has(copies(3, 20, 2), 'network-duplicate'), has(copies(3, 20, 1), 'network-duplicate')]).toEqual([
      true,
      false,
    ]);
  });

  it('is left to the capture where copies have the time of the original and too few are data to tell by answers', () => {
    const apart = (microseconds: number) => `${PLAIN}
      0.03 > P. 1:11(10) ack 1 id 7
      ${at(0.03 + microseconds / 1e6)} dup 4
      0.05 < . ack 11`;
    expect([has(apart(0), 'capture-duplicate'), has(apart(1), 'capture-duplicate')]).toEqual([true, false]);
  });
});

describe('the share of packets that came twice', () => {
  it('is one of all packets of the capture, wherever the copies are', () => {
    // Two copies early, and then twenty packets without any.
    const text = `${PLAIN}\n0.03 > P. 1:11(10) ack 1\n0.03001 dup 4 ttl 63\n0.04 > P. 11:21(10) ack 1\n0.04001 dup 6 ttl 63`;
    const more = Array.from(
      { length: 13 },
      (_, i) => `${(0.1 + i / 100).toFixed(2)} > P. ${21 + 10 * i}:${31 + 10 * i}(10) ack 1`,
    );
    const [duplicates] = found([text, ...more].join('\n'), 'capture-duplicate', {});
    expect(duplicates.text).toMatch(/^2 packets \(10 %\)/);
  });
});

describe('silly-window', () => {
  // A window that opens by less than a segment each time (RFC 1122 section 4.2.3.3).
  const steps = (n: number, by = 100) => `
    0.000000 > S seq 0 win 64240 <mss 1460>
    0.020000 < S. seq 0 ack 1 win 3000 <mss 1460>
    0.020050 > . ack 1 win 64240
    0.030000 > . 1:1461(1460) ack 1
    0.030010 > . 1461:2921(1460) ack 1
    ${lines(n, (i) => {
      const edge = 2921 + by * i;
      return `${at(0.1 + i / 20)} < . ack ${edge} win ${by + 100}\n+0.0001 > P. ${edge}:${edge + by}(${by}) ack 1`;
    })}`;

  it('five times, and not four', () => {
    expect([has(steps(5), 'silly-window'), has(steps(4), 'silly-window')]).toEqual([true, false]);
  });

  it('by less than a segment with its timestamps, which take 12 bytes of it', () => {
    const stamped = (by: number) => steps(5, by).replaceAll('<mss 1460>', '<mss 1460,TS val 1 ecr 1>');
    expect([stamped(1347), stamped(1348), steps(5, 1348)].map((text) => has(text, 'silly-window'))).toEqual([
      true,
      false,
      true,
    ]);
  });

  // Windows are told in units of 128 bytes: nobody reads, and 128 bytes of room are left after whatever arrives (RFC 7323 section 2.3).
  const rounded = (by: number) => `
    0.000000 > S seq 0 win 64240 <mss 1460,nop,wscale 7>
    0.020000 < S. seq 0 ack 1 win 3000 <mss 1460,nop,wscale 7>
    0.020050 > . ack 1 win 502
    0.030000 > . 1:1461(1460) ack 1
    0.030010 > . 1461:2921(1460) ack 1
    ${lines(6, (i) => `${at(0.1 + i / 20)} < . ack ${2921 + by * i} win 1\n+0.0001 > P. ${2921 + by * i}:${2921 + by * (i + 1)}(${by}) ack 1`)}`;

  it('by at least a unit of the scale', () => {
    expect([has(rounded(128), 'silly-window'), has(rounded(127), 'silly-window')]).toEqual([true, false]);
  });
});
