import { describe, expect, it } from 'vitest';
import { check } from '../../src/index.ts';
import { PA, pcapngOf, talk, Way } from '../views/world.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.1.1:80';

/** Of five packets of 10 bytes two are lost between a and b. */
function lossy(names: (string | null)[]): Uint8Array {
  const way = new Way(CLIENT, [{ delay: 0 }, { delay: 3000 }]);
  talk(way, CLIENT, SERVER);
  for (let i = 0; i < 5; i++) {
    const data = { from: CLIENT, to: SERVER, flags: PA, seq: 1101 + 10 * i, ack: 5201, length: 10 };
    if (i === 1 || i === 3) way.send(600e3 + i * 1e5, data, { passes: 1 });
    way.send(640e3 + i * 1e5, data);
  }
  return pcapngOf(names, way.sorted());
}

const outcomes = async (capture: Uint8Array, ...expect: string[]) =>
  (await check(capture, { expect })).results.map(({ outcome }) => outcome);

describe('lost_between', () => {
  it('counts what one vantage saw and the next did not, whichever is named first', async () => {
    const conditions = ['lost_between("a", "b") == 2', 'lost_between("b", "a") == 2', 'lost_between("a", "b") < 2'];
    expect(await outcomes(lossy(['a', 'b']), ...conditions)).toEqual(['pass', 'pass', 'fail']);
  });

  it('is unknown where one of them saw nothing', async () => {
    expect(await outcomes(lossy(['a', 'b']), 'lost_between("a", "c") == 0')).toEqual(['inconclusive']);
  });

  it('is unknown in a capture with one vantage', async () => {
    const way = new Way(CLIENT, [{ delay: 0 }]);
    talk(way, CLIENT, SERVER);
    expect(await outcomes(pcapngOf(['a'], way.sorted()), 'lost_between("a", "b") == 0')).toEqual(['inconclusive']);
  });

  it.each(['lost_between("a")', 'lost_between(a, b)', 'lost_between("a", "a")'])('does not take %s', async (call) => {
    await expect(check(lossy(['a', 'b']), { expect: [`${call} == 0`] })).rejects.toThrow();
  });
});
