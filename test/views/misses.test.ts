/** What a capture that missed packets does not know of others (`misses.ts`), and of those that came before it was known to have several vantages. */
import { describe, expect, it } from 'vitest';
import type { PlacedLoss } from '../../src/model/sight.ts';
import { Misses } from '../../src/views/misses.ts';
import type { PacketSight } from '../../src/views/seen-packet.ts';
import { WINDOW } from '../../src/views/window.ts';
import { analyse } from '../support/analyze.ts';
import { A, type Frame, PA, pcapngOf, S, type Sent, talk, Way } from './world.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.1.1:80';
const ends = { from: CLIENT, to: SERVER };
const back = { from: SERVER, to: CLIENT };

function analysed(frames: readonly Frame[]) {
  const { analyzer, rows } = analyse(pcapngOf(['a', 'b'], frames), { everyView: true });
  const vantages = analyzer.vantages;
  return {
    findings: analyzer.findings.map(({ id }) => id),
    lost: vantages.flatMap(({ losses }) => losses.map(({ from, to, packets }) => `${packets} ${from.name} ${to.name}`)),
    rows,
  };
}

describe('a packet without bytes that the next vantage does not hold', () => {
  /** An ACK of the client is not seen at `b`, at 0.7 s; and `more`. */
  const story = (more: (way: Way) => void) => {
    const way = new Way(CLIENT, [{ delay: 0 }, { delay: 3000 }]);
    talk(way, CLIENT, SERVER);
    way.send(600e3, { ...back, flags: PA, seq: 5201, ack: 1101, length: 50 });
    way.send(700e3, { ...ends, flags: A, seq: 1101, ack: 5251 }, { passes: 1 });
    more(way);
    way.send(1500e3, { ...back, flags: PA, seq: 5301, ack: 1151, length: 50 });
    way.send(1600e3, { ...ends, flags: A, seq: 1151, ack: 5351 });
    return analysed(way.sorted()).lost;
  };
  const data: Sent = { ...ends, flags: PA, seq: 1101, ack: 5251, length: 50 };
  const acked = (way: Way, time: number) => way.send(time, { ...back, flags: PA, seq: 5251, ack: 1151, length: 50 });

  it('was lost where the capture missed nothing', () => {
    expect(
      story((way) => {
        way.send(800e3, data);
        acked(way, 900e3);
      }),
    ).toEqual(['1 a b']);
  });

  it('may have been missed as well where another one was, before or after it, at either of them', () => {
    for (const at of [0, 1])
      expect(
        story((way) => {
          way.send(800e3, data, { missing: [at] });
          acked(way, 900e3);
        }),
      ).toEqual([]);
    expect(
      story((way) => {
        way.send(650e3, data, { missing: [1] });
        acked(way, 690e3);
      }),
    ).toEqual([]);
  });

  it('does not make data doubtful that was sent again', () => {
    expect(
      story((way) => {
        way.send(800e3, data, { passes: 1 });
        way.send(1100e3, data);
        acked(way, 1200e3);
        way.send(1300e3, { ...ends, flags: PA, seq: 1151, ack: 5301, length: 10 }, { missing: [0] });
      }),
    ).toEqual(['1 a b']);
  });

  it('is not missed because the vantage before lacks another, or a repeat: the network may have copied these on the way', () => {
    const beside = (sent: Sent) =>
      story((way) => {
        way.send(800e3, data);
        acked(way, 900e3);
        way.send(1000e3, sent, { missing: [0] });
      });
    expect(beside({ ...ends, flags: A, seq: 1151, ack: 5301 })).toEqual(['1 a b']);
    expect(beside(data)).toEqual(['1 a b']);
    expect(beside({ ...data, seq: 1151 })).toEqual([]);
  });
});

it('so many losses are remembered that can be taken back', () => {
  const losses = [{ from: 1, to: 2, packets: 1026, frames: [1, 7] }] as unknown as PlacedLoss[];
  const misses = new Misses();
  for (let frame = 1; frame <= 1025; frame++)
    misses.doubts({ sight: { frame, lostBetween: losses[0] } as unknown as PacketSight, lists: [losses] });
  misses.note();
  expect(losses).toMatchObject([{ packets: 2, frames: [] }]);
  // Each of them once.
  misses.note();
  expect([losses[0].packets, misses.count]).toEqual([2, 2]);
});

describe('packets that went on before several vantages were known', () => {
  const START = 5e6;
  /** A connection that is seen at `a` alone, and from 5 s on another that goes by both. */
  const frames = () => {
    const near = new Way('10.0.0.9:1', [{ delay: 0 }]);
    talk(near, '10.0.0.9:1', '10.0.0.8:2');
    for (let i = 0; i < 40; i++)
      near.send(600e3 + i * 100e3, { from: '10.0.0.9:1', to: '10.0.0.8:2', flags: A, seq: 1101, ack: 5202 + i });
    const way = new Way(CLIENT, [{ delay: 0 }, { delay: 50, change: (sent) => ({ ...sent, ttl: 63 }) }]);
    talk(way, CLIENT, SERVER, START);
    return [...near.sorted(), ...way.sorted()];
  };

  it('are no copies made by the capture', () => {
    const { findings, rows } = analysed(frames());
    expect(findings).not.toContain('capture-duplicate');
    const syn = rows.find(({ view }) => view.flags === S && view.sight !== null)!;
    expect(syn.view.sight!.isEarly).toBe(true);
  });

  it('are looked for among those of one transit after that', () => {
    const early = (time: number) => {
      const late: Frame = { time, at: 0, sent: { from: '10.0.0.5:7', to: '10.0.0.6:7', flags: S, seq: 1, id: 1 } };
      const all = [...frames(), late].sort((one, other) => one.time - other.time);
      return analysed(all).rows.find(({ view }) => view.srcPort === 7)!.view.sight!.isEarly;
    };
    // The first of them was that of `b`.
    const end = START + 50 + WINDOW.transit / 1e3;
    expect([early(end), early(end + 1)]).toEqual([true, false]);
  });

  it('of a capture that shows several from the beginning, none are', () => {
    const way = new Way(CLIENT, [{ delay: 0 }, { delay: 50 }]);
    talk(way, CLIENT, SERVER);
    expect(analysed(way.sorted()).rows.filter(({ view }) => view.sight?.isEarly)).toEqual([]);
  });
});
