import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/model/connection.ts';
import { ending } from '../../src/model/ending.ts';
import { analyseScenario } from '../support/analyze.ts';
import type { ScenarioOptions } from '../support/scenario.ts';

/** The one connection of the scenario. */
function connectionOf(text: string, options: ScenarioOptions = {}): Connection {
  const { connections } = analyseScenario(text, options).analyzer;
  expect(connections).toHaveLength(1);
  return connections[0];
}

function summaryOf(text: string, options: ScenarioOptions = {}): [string, string, string] {
  const connection = connectionOf(text, options);
  return [connection.historyText, connection.connState, ending(connection)];
}

const HANDSHAKE = `
  0.000 > S
  0.020 < S. ack 1
  0.020 > .  ack 1`;

describe('the state of a connection in the words of conn.log', () => {
  it.each<[string, string, string, string, string]>([
    ['a SYN without an answer', '0 > S\n 1 > S seq 0', 'S', 'S0', 'unanswered'],
    ['a refused SYN', '0 > S\n 0.1 < R. seq 0 ack 1', 'Sr', 'REJ', 'refused'],
    ['a SYN scan', '0 > S\n 0.1 < S. ack 1\n 0.1 > R seq 1', 'ShR', 'RSTO', 'reset by client'],
    ['a SYN and a RST after it', '0 > S\n 0.1 > R seq 1', 'SR', 'RSTOS0', 'abandoned by client'],
    ['a handshake without its end', '0 > S\n 0.1 < S. ack 1', 'Sh', 'S1', 'handshake unfinished'],
    ['an open connection', `${HANDSHAKE}\n 1 > P. 1:6(5) ack 1\n 1.1 < . ack 6`, 'ShADa', 'S1', 'still open'],
    [
      'a whole connection',
      `${HANDSHAKE}
      0.1 > P. 1:6(5) ack 1
      0.2 < .  ack 6
      0.3 < P. 1:9(8) ack 6
      0.3 > .  ack 9
      0.4 > F. seq 6 ack 9
      0.5 < F. seq 9 ack 7
      0.5 > .  ack 10`,
      'ShADadFf',
      'SF',
      'closed',
    ],
    [
      'half a close by the client',
      `${HANDSHAKE}\n 1 > F. seq 1 ack 1\n 1.1 < . ack 2`,
      'ShAFa',
      'S2',
      'half-closed by client',
    ],
    [
      'half a close by the server',
      `${HANDSHAKE}\n 1 < F. seq 1 ack 1\n 1.1 > . ack 2`,
      'ShAf',
      'S3',
      'half-closed by server',
    ],
    ['a reset by the client', `${HANDSHAKE}\n 1 > R. seq 1 ack 1`, 'ShAR', 'RSTO', 'reset by client'],
    ['a reset by the server', `${HANDSHAKE}\n 1 < R. seq 1 ack 1`, 'ShAr', 'RSTR', 'reset by server'],
    ['a server alone, reset', '0 < S. ack 1\n 0.1 < R seq 1', '^hr', 'RSTRH', 'reset by server'],
    [
      'a client alone',
      '0 > S\n 0.1 > . ack 1\n 0.2 > P. 1:3(2) ack 1\n 0.3 > F. seq 3 ack 1',
      'SADF',
      'SH',
      'half-closed by client',
    ],
    [
      'a server alone',
      '0 < S. ack 1\n 0.1 < P. 1:3(2) ack 1\n 0.2 < F. seq 3 ack 1',
      '^hdf',
      'SHR',
      'half-closed by server',
    ],
    [
      'a connection from its middle',
      '0 > P. 1:6(5) ack 1\n 0.1 < P. 1:4(3) ack 6\n 0.2 > . ack 4',
      'DdA',
      'OTH',
      'still open',
    ],
    ['a RST alone', '0 > R seq 1', 'R', 'OTH', 'reset by client'],
    [
      'a server that resets what it does not know',
      '0 > P. 1:6(5) ack 1\n 0.1 < R seq 1',
      'Dr',
      'RSTRH',
      'reset by server',
    ],
    [
      'FIN of both sides, then a late RST',
      `${HANDSHAKE}\n 1 > F. seq 1 ack 1\n 1 < F. seq 1 ack 2\n 2 > R seq 2`,
      'ShAFfR',
      'SF',
      'closed',
    ],
    [
      'a reset that is answered by one',
      `${HANDSHAKE}\n 1 > R. seq 1 ack 1\n 1.1 < R seq 1`,
      'ShARr',
      // Both reset and neither sent anything.
      'REJ',
      'reset by client',
    ],
    [
      'a last FIN that nobody answers',
      `${HANDSHAKE}\n 1 > F. seq 1 ack 1\n 1.1 < F. seq 1 ack 2\n 1.5 < F. seq 1 ack 2\n 3 < F. seq 1 ack 2`,
      'ShAFf',
      'SF',
      'FIN of server unanswered',
    ],
    [
      'a simultaneous open',
      '0 > S\n 0 < S\n 0.1 > S. seq 0 ack 1\n 0.1 < S. seq 0 ack 1\n 1 > P. 1:3(2) ack 1\n 1.1 < . ack 3',
      'SsDa',
      'S1',
      'still open',
    ],
  ])('%s', (_, text, history, connState, end) => {
    expect(summaryOf(text)).toEqual([history, connState, end]);
  });

  it('does not take the answer to an out of window reset for an end, although conn_state counts it', () => {
    // RFC 5961 section 3.2: a RST in the window that is not at RCV.NXT is challenged.
    const text = `${HANDSHAKE}
      1 > P. 1:6(5) ack 1
      1.1 < . ack 6
      2 < R seq 3000
      2.1 > . ack 1
      3 < P. 1:4(3) ack 6`;
    expect(summaryOf(text)).toEqual(['ShADard', 'RSTR', 'still open']);
  });
});

describe('letters', () => {
  it('repeats S, F and R only at another sequence number', () => {
    expect(summaryOf('0 > S\n 1 > S seq 0\n 3 > S seq 0\n 7 > R seq 1\n 8 > R seq 1\n 9 > R seq 5')[0]).toBe('SRR');
    expect(summaryOf(`${HANDSHAKE}\n 1 > F. 1:1(0) ack 1\n 2 > F. 1:1(0) ack 1\n 3 > F. 1:5(4) ack 1`)[0]).toBe(
      'ShAFF',
    );
  });

  it('writes C, T and W the 1st, 10th and 100th time', () => {
    const again = (count: number, line: string) =>
      Array.from({ length: count }, (_, i) => `${2 + i} ${line}`).join('\n');
    const data = `${HANDSHAKE}\n 1 > P. 1:6(5) ack 1\n`;
    expect(summaryOf(data + again(1, '> P. 1:6(5) ack 1'))[0]).toBe('ShADT');
    expect(summaryOf(data + again(9, '> P. 1:6(5) ack 1'))[0]).toBe('ShADT');
    expect(summaryOf(data + again(10, '> P. 1:6(5) ack 1'))[0]).toBe('ShADTT');
    expect(summaryOf(data + again(100, '> P. 1:6(5) ack 1'))[0]).toBe('ShADTTT');
    expect(summaryOf(data + again(10, '< . ack 6 win 0'))[0]).toBe('ShADaww');
    expect(summaryOf(data + again(9, '< . ack 6 win 0 badcksum'))[0]).toMatch(/^ShAD[acw]+$/);
  });

  it('does not write W in a RST, nor after the FIN of the other side', () => {
    expect(summaryOf(`${HANDSHAKE}\n 1 > R. seq 1 ack 1 win 0`)[0]).toBe('ShAR');
    expect(summaryOf(`${HANDSHAKE}\n 1 > F. seq 1 ack 1\n 2 < . ack 2 win 0`)[0]).toBe('ShAFa');
  });

  it('writes the ACK of an earlier connection that answers a SYN', () => {
    const answered = () =>
      analyseScenario(`
        0.00 > S seq 0 win 64240 <mss 1460>
        0.02 < . seq 700 ack 0
        0.03 > R seq 0 win 0`).analyzer.connections[0].historyText;
    expect(answered()).toBe('SaR');
  });

  it('leaves a segment that was damaged on its way at its C', () => {
    const chat = Array.from({ length: 5 }, (_, i) => `${i + 1} < . ack 1`).join('\n');
    expect(summaryOf(`${HANDSHAKE}\n${chat}\n 9 < P. 1:6(5) ack 1 badcksum`)[0]).toBe('ShAac');
  });

  it('writes I and Q for flags that do not go together, once', () => {
    expect(summaryOf(`${HANDSHAKE}\n 1 > FR. seq 1 ack 1\n 2 > FR. seq 1 ack 1`)[0]).toBe('ShAI');
    expect(summaryOf('0 > FS seq 0\n 1 > FS seq 0')[0]).toBe('Q');
    expect(summaryOf('0 > SR seq 0')[0]).toBe('Q');
  });

  it('turns the roles round when the SYN,ACK was captured before its SYN', () => {
    const text = '0 < S. ack 1\n 0.001 > S seq 0\n 0.01 > . ack 1\n 0.02 > P. 1:3(2) ack 1';
    expect(summaryOf(text)).toEqual(['^hSAD', 'S1', 'still open']);
  });

  it('is bounded', () => {
    const resets = Array.from({ length: 1500 }, (_, i) => `${i} > R seq ${1 + i}`).join('\n');
    expect(summaryOf(`0 > S\n${resets}`)[0]).toHaveLength(1000);
  });
});

describe('gaps', () => {
  const missing = (text: string) => {
    const connection = connectionOf(text);
    const { client, server } = connection;
    return [connection.historyText, client.missedBytes, server.missedBytes];
  };

  it('counts what was acknowledged and never captured, a letter for each hole', () => {
    expect(missing(`${HANDSHAKE}\n 1 > P. 1:6(5) ack 1 missed\n 1 > P. 6:11(5) ack 1\n 1.1 < . ack 11`)).toEqual([
      'ShADaG',
      5,
      0,
    ]);
    expect(missing(`${HANDSHAKE}\n 1 > P. 1:6(5) ack 1 missed\n 1.1 < . ack 6`)).toEqual(['ShAaG', 5, 0]);
    const holes = Array.from({ length: 10 }, (_, i) => `1 > P. ${11 + 10 * i}:${16 + 10 * i}(5) ack 1`).join('\n');
    expect(missing(`${HANDSHAKE}\n${holes}\n 2 < . ack 106`)).toEqual(['ShADaGG', 55, 0]);
  });

  it('does not count what came later than what follows it', () => {
    const text = `${HANDSHAKE}
      1.0 > P. 11:16(5) ack 1
      1.1 > P. 6:11(5) ack 1
      1.2 < .  ack 1
      1.3 > P. 1:6(5) ack 1
      1.4 < .  ack 16`;
    expect(missing(text)).toEqual(['ShADTa', 0, 0]);
  });

  it('counts payload that the snaplen cut off', () => {
    const text = `${HANDSHAKE}\n 1 < P. 1:1001(1000) ack 1 snap 80\n 1.1 > . ack 1001`;
    expect(missing(text)).toEqual(['ShAdg', 0, 1000]);
  });

  it('does not trust the numbers of a connection picked up in its middle, nor those of a RST', () => {
    expect(missing('0 > P. 1:6(5) ack 1\n 0.1 < P. 1:4(3) ack 200\n 0.2 > . ack 4')[0]).toBe('DdA');
    expect(missing(`${HANDSHAKE}\n 1 < R. seq 1 ack 500`)).toEqual(['ShAr', 0, 0]);
  });
});

describe('bytes by sequence numbers', () => {
  const bytes = (text: string) => {
    const { client, server } = connectionOf(text);
    return [client.streamBytes, server.streamBytes];
  };

  it('counts neither SYN nor FIN nor repeats', () => {
    expect(bytes('0 > S')).toEqual([0, 0]);
    const text = `${HANDSHAKE}
      0.1 > P. 1:6(5) ack 1
      0.4 > P. 1:6(5) ack 1
      0.5 < F. 1:9(8) ack 6
      0.6 > F. seq 6 ack 10
      0.9 > F. seq 6 ack 10`;
    expect(bytes(text)).toEqual([5, 8]);
  });

  it('counts what was only acknowledged', () => {
    expect(bytes(`${HANDSHAKE}\n 1 < . ack 1001`)).toEqual([1000, 0]);
  });

  it('counts beyond 2^32', () => {
    const step = 2 ** 30;
    const acks = Array.from({ length: 8 }, (_, i) => `${i + 1} < . ack ${(i + 1) * step + 1}`).join('\n');
    expect(bytes(`${HANDSHAKE}\n${acks}`)).toEqual([2 ** 33, 0]);
  });

  it('does not let a RST say how much was sent', () => {
    expect(bytes(`${HANDSHAKE}\n 1 > P. 1:6(5) ack 1\n 2 < R. seq 2000000000 ack 1000000000`)).toEqual([5, 0]);
  });

  it('takes the numbers of the SYN after a forged RST', () => {
    expect(bytes('0 > S\n 0.001 < R. seq 123456789 ack 1\n 0.02 < S. seq 0 ack 1\n 0.03 > P. 1:6(5) ack 1')).toEqual([
      5, 0,
    ]);
  });
});
