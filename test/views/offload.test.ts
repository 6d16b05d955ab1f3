import { expect, test } from 'vitest';
import { comparedPacket } from '../../src/compare/row.ts';
import { pcapOf } from '../check/support.ts';
import { compared } from './support.ts';

/** The handshake at a point that packets to the server pass so many milliseconds after the client sent them. */
const opening = (at: number) => `
  ${((0 + at) / 1000).toFixed(4)} > S seq 0 win 64240 <mss 1460> id 1
  ${((20 - at) / 1000).toFixed(4)} < S. seq 0 ack 1 win 65160 <mss 1460> id 1
  ${((20 + at) / 1000).toFixed(4)} > . ack 1 id 2`;
const time = (ms: number) => (ms / 1000).toFixed(4);

/** Frames of the rows with data, and their lengths. */
async function pieces(near: string, far: string) {
  const comparison = await compared(pcapOf(opening(0) + near), pcapOf(opening(10) + far));
  return [...comparison.order]
    .map((row) => comparedPacket(comparison, row))
    .filter(({ length }) => length > 0)
    .map(({ packets, length, isPart, lostBetween, changes }) => ({
      frames: packets.map((one) => one?.number ?? null),
      length,
      isPart,
      isLost: lostBetween !== null,
      isSplit: changes.includes('segments'),
    }))
    .sort((x, y) => (x.frames[0] ?? 0) - (y.frames[0] ?? 0) || (x.frames[1] ?? 99) - (y.frames[1] ?? 99));
}

test('one frame of the sender is three on the wire', async () => {
  const rows = await pieces(
    `\n ${time(21)} > P. 1:4345(4344) ack 1 id 3\n ${time(42)} < . ack 4345 id 2`,
    `\n ${time(31)} > . 1:1449(1448) ack 1 id 3\n ${time(31.1)} > . 1449:2897(1448) ack 1 id 4
     ${time(31.2)} > P. 2897:4345(1448) ack 1 id 5\n ${time(32)} < . ack 4345 id 2`,
  );
  expect(rows).toEqual(
    [4, 5, 6].map((frame) => ({ frames: [4, frame], length: 1448, isPart: true, isLost: false, isSplit: true })),
  );
});

test('the second of them was lost, and is the only one that was', async () => {
  const rows = await pieces(
    `\n ${time(21)} > P. 1:4345(4344) ack 1 id 3\n ${time(42)} < . ack 1449 id 2\n ${time(300)} > . 1449:2897(1448) ack 1 id 6
     ${time(320)} < . ack 4345 id 3`,
    `\n ${time(31)} > . 1:1449(1448) ack 1 id 3\n ${time(31.2)} > P. 2897:4345(1448) ack 1 id 5\n ${time(32)} < . ack 1449 id 2
     ${time(310)} > . 1449:2897(1448) ack 1 id 6\n ${time(310)} < . ack 4345 id 3`,
  );
  expect(rows.map(({ frames, length, isLost }) => [...frames, length, isLost])).toEqual([
    [4, 4, 1448, false],
    [4, 5, 1448, false],
    [4, null, 1448, true],
    [6, 7, 1448, false],
  ]);
});

test('two segments arrive as one frame', async () => {
  const rows = await pieces(
    `\n ${time(21)} > . 1:1001(1000) ack 1 id 3\n ${time(21.1)} > P. 1001:2001(1000) ack 1 id 4\n ${time(42)} < . ack 2001 id 2`,
    `\n ${time(31.2)} > P. 1:2001(2000) ack 1 id 3\n ${time(32)} < . ack 2001 id 2`,
  );
  expect(rows.map(({ frames, length, isLost }) => [...frames, length, isLost])).toEqual([
    [4, 4, 1000, false],
    [5, 4, 1000, false],
  ]);
});
