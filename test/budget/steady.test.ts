import { describe, expect, it } from 'vitest';
import { budgetOf } from '../../src/model/budget.ts';
import { adviceOf } from '../../src/story/advice.ts';
import { analyseScenario } from '../support/analyze.ts';

const MSS = 1000;
/** Round trip (s). */
const ROUND = 0.04;

/** A download seen at the server, of which each round trip carries so many segments; `lost` is a round whose first segment is sent again. */
function download(rounds: readonly number[], { lost = -1, isWhole = true, end = '' } = {}) {
  const lines = isWhole
    ? [
        `0.000 > S  seq 0 win 65535 <mss ${MSS},nop,nop,sackOK,nop,wscale 2>`,
        `0.000 < S. seq 0 ack 1 win 65535 <mss ${MSS},nop,nop,sackOK,nop,wscale 2>`,
        '0.040 > .  ack 1 win 65535',
      ]
    : [];
  lines.push('0.040 > P. 1:101(100) ack 1 win 65535');
  let time = 0.041;
  let seq = 1;
  rounds.forEach((segments, round) => {
    const first = seq;
    const at = (after: number) => (time + after).toFixed(6);
    for (let i = 0; i < segments; i++) {
      lines.push(`${at(i * 1e-5)} < .  ${seq}:${seq + MSS}(${MSS}) ack 101 win 65535`);
      seq += MSS;
    }
    if (round === lost) {
      lines.push(`${at(ROUND)} > .  seq 101 ack ${first} win 65535 <nop,nop,sack ${first + MSS}:${seq}>`);
      lines.push(`${at(ROUND + 1e-5)} < .  ${first}:${first + MSS}(${MSS}) ack 101 win 65535`);
      time += ROUND;
    }
    time += ROUND;
    lines.push(`${at(0)} > .  seq 101 ack ${seq} win 65535`);
    time += 1e-5;
  });
  lines.push(end.replaceAll('NOW', time.toFixed(6)).replaceAll('SEQ', String(seq)));
  return analyseScenario(lines.join('\n')).analyzer.connections[0];
}

const same = (rounds: number, segments = 21) => new Array<number>(rounds).fill(segments);

/** As [segments, round trips]; null: nothing held it. */
function steady(connection: ReturnType<typeof download>) {
  const found = budgetOf(connection)!.steady;
  return found && [found.bytes / MSS, Math.floor(found.time / (ROUND * 1e9)), found.isClient];
}

describe('a flight that does not grow in', () => {
  it('ten round trips is not held by the congestion window', () => {
    expect(steady(download(same(11)))).toEqual([21, 10, false]);
    expect(steady(download(same(10)))).toBeNull();
  });

  it('as many after slow start', () => {
    expect(steady(download([10, 18, ...same(11)]))).toEqual([21, 10, false]);
    expect(steady(download([10, 18, ...same(10)]))).toBeNull();
  });

  it('ten round trips by more than two segments', () => {
    expect(steady(download([...same(6), ...same(6, 23)]))).toEqual([23, 11, false]);
    expect(steady(download([...same(6), ...same(6, 24)]))).toBeNull();
  });

  it('the time in which it comes up to the largest again, two segments less', () => {
    expect(steady(download([...same(6), ...same(6, 19)]))).toEqual([21, 11, false]);
    expect(steady(download([...same(6), ...same(6, 18)]))).toBeNull();
    expect(steady(download([...same(6), ...same(6, 5), 21]))).toEqual([21, 12, false]);
  });

  it('a connection without a loss, the beginning of which was seen', () => {
    expect(steady(download(same(30), { lost: 0 }))).toBeNull();
    expect(steady(download(same(30), { isWhole: false }))).toBeNull();
  });

  it('a connection that was closed', () => {
    const end = `NOW < F. seq SEQ ack 101 win 65535
      NOW > F. seq 101 ack SEQ win 65535
      NOW < .  seq SEQ ack 102 win 65535`;
    expect(steady(download(same(11), { end }))).toEqual([21, 10, false]);
  });
});

describe('advice where ACKs were waited for', () => {
  const first = (rounds: readonly number[], lost = -1) => {
    const connection = download(rounds, { lost });
    return adviceOf(connection, budgetOf(connection))[0].told;
  };

  it('names the limit where the flight stayed as it was for most of that time', () => {
    expect(first(same(11))).toMatchObject({ key: 'help.steady-flight', values: { role: 'server', bytes: 21 * MSS } });
    // So many bytes in 40 ms.
    expect(first(same(11))).toMatchObject({ values: { bitsPerSecond: expect.closeTo(4.2e6, -5) } });
  });

  it('is that of slow start where it grew for most of that time', () => {
    const growing = [10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40, 43, 46];
    expect(first([...growing, ...same(11, 46)])).toMatchObject({ key: 'help.congestion-window' });
    expect(first([...growing, ...same(14, 46)])).toMatchObject({ key: 'help.steady-flight' });
  });

  it('is that of losses where one came before most of that time', () => {
    const growing = [10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40];
    // Of eleven flights five come after the loss, or four; the latest is waited for, too.
    expect([5, 6].map((lost) => first(growing, lost).key)).toEqual([
      'help.window-after-loss',
      'help.congestion-window',
    ]);
    expect(first(growing, 5)).toMatchObject({ values: { role: 'server', roundTrip: expect.closeTo(40e6, -5) } });
  });
});
