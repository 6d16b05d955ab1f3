import { describe, expect, it } from 'vitest';
import {
  A,
  FA,
  type Frame,
  type Hop,
  PA,
  pcapngOf,
  rowsOf,
  S,
  SA,
  type SeenRow,
  type Sent,
  sll2Of,
  sllOf,
  talk,
  Way,
} from './world.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.1.1:80';
const ROUTER = '10.0.1.254:61000';

const near: Hop = { delay: 0 };
const apart = (ms: number, change?: Hop['change']): Hop => ({
  delay: ms * 1000,
  ...(change === undefined ? {} : { change }),
});
const lowersTtl: Hop['change'] = (sent, fromClient) => ({ ...sent, ttl: (sent.ttl ?? 64) + (fromClient ? -1 : 1) });

function translated(sent: Sent, fromClient: boolean): Sent {
  return fromClient ? { ...sent, from: ROUTER } : { ...sent, to: ROUTER };
}

/** What a middlebox that adds to the sequence numbers of both sides makes of a segment. */
function shifted(sent: Sent, fromClient: boolean): Sent {
  const [own, other] = fromClient ? [111, 222] : [222, 111];
  return { ...sent, seq: sent.seq + own, ...(sent.ack === undefined ? {} : { ack: sent.ack + other }) };
}

const streams = (rows: readonly SeenRow[]) => [...new Set(rows.map(({ stream }) => stream))];
const copies = (rows: readonly SeenRow[]) => rows.filter(({ by }) => by === 'capture').length;
const losses = (rows: readonly SeenRow[]) =>
  rows.flatMap(({ number, lost }) => (lost === null ? [] : [`#${number} ${lost}`]));

/** The same packets in other orders of the file. */
const ORDERS: Record<string, (frames: Frame[]) => Frame[]> = {
  'by time': (frames) => frames,
  'one interface after the other': (frames) => [0, 1].flatMap((at) => frames.filter((frame) => frame.at === at)),
  'the other one first': (frames) => [1, 0].flatMap((at) => frames.filter((frame) => frame.at === at)),
  'a long way back and forth': (frames) => frames.map((_, i) => frames[(i * 5) % frames.length]),
};

describe('two interfaces on the way of a connection', () => {
  it.each(Object.entries(ORDERS))('are two views of it, with the frames %s', (_, order) => {
    const way = new Way(CLIENT, [near, apart(3)]);
    talk(way, CLIENT, SERVER);
    // All within the half second that a window puts in order.
    const frames = way.sorted().map((frame) => ({ ...frame, time: frame.time * 0.9 }));
    expect(frames.length % 5).not.toBe(0);
    const file = order(frames);
    const rows = rowsOf(pcapngOf(['eth0', 'eth1'], file));
    expect(streams(rows)).toEqual([0]);
    expect(rows.map(({ at }) => at)).toEqual(file.map(({ at }) => `eth${at}`));
    for (const { number, original, at, by } of rows) {
      expect(by).toBe(at === 'eth1' ? 'capture' : null);
      // A copy names the frame of the same segment at the other interface.
      if (by !== null) expect(file[original - 1].sent).toBe(file[number - 1].sent);
    }
    expect(losses(rows)).toEqual([]);
  });

  it('show between which of them a segment, a bare ACK and a SYN were lost', () => {
    const way = new Way(CLIENT, [near, apart(3), apart(1)]);
    way.send(0, { from: CLIENT, to: SERVER, flags: S, seq: 1000 }, { passes: 1 });
    talk(way, CLIENT, SERVER, 1e6);
    const data = { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 };
    way.send(1.6e6, data, { passes: 2 });
    way.send(1.9e6, data);
    way.send(2e6, { from: SERVER, to: CLIENT, flags: A, seq: 5201, ack: 1151 }, { passes: 1 });
    way.send(2.1e6, { from: SERVER, to: CLIENT, flags: FA, seq: 5201, ack: 1151 });
    way.send(2.2e6, { from: CLIENT, to: SERVER, flags: FA, seq: 1151, ack: 5202 });
    way.send(2.3e6, { from: SERVER, to: CLIENT, flags: A, seq: 5202, ack: 1152 });
    const frames = way.sorted();
    const rows = rowsOf(pcapngOf(['a', 'b', 'c'], frames));
    expect(streams(rows)).toEqual([0]);
    const at = (time: number) => frames.findIndex((frame) => frame.time === time) + 1;
    expect(losses(rows)).toEqual([`#1 a b`, `#${at(1.603e6)} b c`, `#${at(2e6)} c b`]);
    expect(rows[0].kind).toBe('new');
  });

  it('say nothing of a packet at the end of the capture, which was still on its way', () => {
    const way = new Way(CLIENT, [near, apart(3)]);
    talk(way, CLIENT, SERVER);
    way.send(600e3, { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 }, { passes: 1 });
    const end = (time: number) => {
      const frames = [
        ...way.sorted(),
        { time, at: 0, sent: { from: '10.9.9.9:1', to: '10.9.9.8:2', flags: S, seq: 1 } },
      ];
      return losses(rowsOf(pcapngOf(['a', 'b'], frames)));
    };
    // Twice the longest delay of 3 ms, and one more.
    expect(end(606.999e3)).toEqual([]);
    expect(end(607.001e3)).toEqual(['#13 a b']);
  });

  it('know a frame that one of them missed from a packet that was lost: the receiver acknowledged it', () => {
    const way = new Way(CLIENT, [near, apart(3)]);
    talk(way, CLIENT, SERVER);
    way.send(600e3, { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 }, { missing: [1] });
    way.send(700e3, { from: SERVER, to: CLIENT, flags: A, seq: 5201, ack: 1151 });
    way.send(800e3, { from: CLIENT, to: SERVER, flags: PA, seq: 1151, ack: 5201, length: 50 });
    expect(losses(rowsOf(pcapngOf(['a', 'b'], way.sorted())))).toEqual([]);
  });

  it('tell a duplicate that the network made from a second view', () => {
    const way = new Way(CLIENT, [near, apart(3)]);
    talk(way, CLIENT, SERVER);
    const frames = way.sorted();
    const data = frames.find(({ sent, at }) => sent.length === 100 && at === 1)!;
    const doubled = [...frames, { ...data, time: data.time + 500 }].sort((x, y) => x.time - y.time);
    const rows = rowsOf(pcapngOf(['a', 'b'], doubled));
    const number = doubled.findIndex(({ time }) => time === data.time + 500) + 1;
    expect(rows[number - 1]).toMatchObject({ kind: 'duplicate', by: 'network', at: 'b' });
    expect(copies(rows)).toBe(6);
  });

  it('leave a connection alone that comes by one of them only', () => {
    const way = new Way(CLIENT, [near]);
    talk(way, CLIENT, SERVER);
    const other = new Way('10.0.0.2:1', [near]);
    talk(other, '10.0.0.2:1', '10.0.1.2:2', 50e3, { client: 70000, server: 90000 });
    const frames = [...way.sorted(), ...other.sorted().map((frame) => ({ ...frame, at: 1 }))].sort(
      (x, y) => x.time - y.time,
    );
    const rows = rowsOf(pcapngOf(['a', 'b'], frames));
    expect(streams(rows)).toEqual([0, 1]);
    expect(copies(rows)).toBe(0);
    expect(losses(rows)).toEqual([]);
  });

  it('make one view where each of them sees one direction only', () => {
    const way = new Way(CLIENT, [near]);
    talk(way, CLIENT, SERVER);
    const frames = way.sorted().map((frame) => ({ ...frame, at: frame.sent.from === CLIENT ? 0 : 1 }));
    const rows = rowsOf(pcapngOf(['out', 'in'], frames));
    expect(streams(rows)).toEqual([0]);
    expect(copies(rows)).toBe(0);
    expect(rows.map(({ kind }) => kind)).toEqual(['new', 'new', 'ack', 'new', 'new', 'ack']);
  });

  it('are analysed where the user says', () => {
    const way = new Way(CLIENT, [near, apart(3)]);
    talk(way, CLIENT, SERVER);
    const analysed = (view: string | null) =>
      rowsOf(pcapngOf(['a', 'b'], way.sorted()), { views: { view } })
        .filter(({ by }) => by === null)
        .map(({ at }) => at);
    expect(new Set(analysed(null))).toEqual(new Set(['a']));
    expect(new Set(analysed('b'))).toEqual(new Set(['b']));
    expect(new Set(analysed('c'))).toEqual(new Set(['a']));
  });
});

describe('a connection is one on both sides of', () => {
  it('a NAT, by its SYN', () => {
    const way = new Way(CLIENT, [near, apart(1, translated)]);
    talk(way, CLIENT, SERVER);
    const rows = rowsOf(sll2Of(way.sorted().map((frame) => ({ ...frame, at: frame.at + 2 }))));
    expect(streams(rows)).toEqual([0]);
    expect(copies(rows)).toBe(6);
    expect(new Set(rows.map(({ at }) => at))).toEqual(new Set(['if2', 'if3']));
  });

  it('a NAT that gives two clients with the same port others, each its own', () => {
    const frames = ['10.0.0.1', '10.0.0.2'].flatMap((host, i) => {
      const client = `${host}:40000`;
      const nat: Hop['change'] = (sent, fromClient) =>
        fromClient ? { ...sent, from: `10.0.1.254:${60000 + i}` } : { ...sent, to: `10.0.1.254:${60000 + i}` };
      const way = new Way(client, [near, apart(1, nat)]);
      talk(way, client, SERVER, i * 10e3, { client: 1000 + i, server: 5000 + i });
      return way.sorted();
    });
    const rows = rowsOf(
      pcapngOf(
        ['a', 'b'],
        frames.sort((x, y) => x.time - y.time),
      ),
    );
    expect(streams(rows)).toEqual([0, 1]);
    expect(copies(rows)).toBe(12);
  });

  it.each([
    ['two packets that are alike', 2, 1],
    ['not by one', 1, 2],
  ])('a NAT where the handshake is not there, by %s', (_, packets, connections) => {
    const way = new Way(CLIENT, [near, apart(1, translated)]);
    for (let i = 0; i < packets; i++)
      way.send(i * 1e5, {
        from: CLIENT,
        to: SERVER,
        flags: PA,
        seq: 1000 + 100 * i,
        ack: 5000,
        length: 100,
        id: 77 + i,
      });
    const rows = rowsOf(pcapngOf(['a', 'b'], way.sorted()));
    expect(streams(rows)).toHaveLength(connections);
  });

  it('a middlebox that shifts its sequence numbers', () => {
    const way = new Way(CLIENT, [near, apart(5, shifted)]);
    talk(way, CLIENT, SERVER);
    const rows = rowsOf(pcapngOf(['a', 'b'], way.sorted()));
    expect(streams(rows)).toEqual([0]);
    expect(copies(rows)).toBe(6);
    expect(losses(rows)).toEqual([]);
  });

  it('one that changes the IP IDs, once that has shown three times', () => {
    const way = new Way(CLIENT, [near, apart(5, (sent) => ({ ...sent, id: ((sent.id ?? 0) * 7919 + 13) & 0xffff }))]);
    talk(way, CLIENT, SERVER);
    for (let i = 0; i < 6; i++)
      way.send(1e6 + i * 1e4, { from: CLIENT, to: SERVER, flags: PA, seq: 1101 + 100 * i, ack: 5201, length: 100 });
    const rows = rowsOf(pcapngOf(['a', 'b'], way.sorted()));
    expect(streams(rows)).toEqual([0]);
    const kinds = rows.slice(-4).filter(({ at }) => at === 'b');
    expect(kinds.every(({ by }) => by === 'capture')).toBe(true);
  });

  it('none of two whose SYNs are alike, as those of a scan are', () => {
    const [first, second] = ['10.0.0.1:40000', '10.0.0.2:40000'].map((from, i) => ({
      time: i * 1e3,
      at: 0,
      sent: { from, to: SERVER, flags: S, seq: 7, id: 9 },
    }));
    const beyond = { time: 5e3, at: 1, sent: { from: ROUTER, to: SERVER, flags: S, seq: 7, id: 9 } };
    expect(streams(rowsOf(pcapngOf(['a', 'b'], [first, beyond])))).toEqual([0]);
    expect(streams(rowsOf(pcapngOf(['a', 'b'], [first, second, beyond])))).toEqual([0, 1, 2]);
  });

  it('a port that a NAT gives to one connection after the other', () => {
    const frames = [0, 1].flatMap((i) => {
      const client = `10.0.0.1:${40000 + i}`;
      const way = new Way(client, [near, apart(1, translated)]);
      talk(way, client, SERVER, i * 10e6, { client: 1000 + 500000 * i, server: 5000 + 500000 * i });
      return way.sorted();
    });
    const rows = rowsOf(pcapngOf(['a', 'b'], frames));
    expect(streams(rows)).toEqual([0, 1]);
    expect(copies(rows)).toBe(12);
  });

  it('itself where nothing but the SYN was seen before it was lost', () => {
    const way = new Way(CLIENT, [near, apart(1)]);
    way.send(0, { from: CLIENT, to: SERVER, flags: S, seq: 1000 }, { passes: 1 });
    way.send(1e6, { from: CLIENT, to: SERVER, flags: S, seq: 1000 });
    way.send(1.1e6, { from: SERVER, to: CLIENT, flags: SA, seq: 1, ack: 1001 });
    const rows = rowsOf(pcapngOf(['a', 'b'], way.sorted()), { views: { view: 'b' } });
    expect(streams(rows)).toEqual([0]);
    expect(losses(rows)).toEqual(['#1 a b']);
  });
});

describe('the first cooked header', () => {
  it('tells a vantage by where the packets of the other side come in, and a bridge by the second sight', () => {
    const frames = [
      { from: CLIENT, to: SERVER, flags: S, seq: 1, id: 5, mac: [1, 2] },
      { from: SERVER, to: CLIENT, flags: SA, seq: 9, ack: 2, id: 6, mac: [2, 1] },
    ].flatMap(({ mac: [mac], ...sent }, i) => [
      { time: i * 1e5, at: 0, sent, mac },
      { time: i * 1e5 + 5, at: 1, sent, mac },
      { time: i * 1e5 + 9, at: 0, sent, mac },
    ]);
    const rows = rowsOf(sllOf(frames));
    expect(streams(rows)).toEqual([0]);
    const [client, server] = ['side of 02:00:00:00:00:01', 'side of 02:00:00:00:00:02'];
    expect(rows.map(({ at }) => at)).toEqual([client, server, 'bridge', server, client, 'bridge']);
  });
});

describe('a capture of one vantage', () => {
  it('is analysed as it always was, and its rows name none', () => {
    const way = new Way(CLIENT, [near]);
    talk(way, CLIENT, SERVER);
    const frames = way.sorted().map((frame) => ({ ...frame, at: 7 }));
    for (const capture of [
      sll2Of(frames),
      pcapngOf(
        ['a'],
        frames.map((frame) => ({ ...frame, at: 0 })),
      ),
    ])
      expect(rowsOf(capture)).toEqual(rowsOf(capture, { views: false }));
    expect(rowsOf(sll2Of(frames)).every(({ at }) => at === null)).toBe(true);
  });

  it('may turn out to have a second one after thousands of packets', () => {
    const way = new Way(CLIENT, [near]);
    talk(way, CLIENT, SERVER);
    const quiet = Array.from({ length: 5000 }, (_, i) => ({
      time: 600e3 + i,
      at: 0,
      sent: { from: CLIENT, to: SERVER, flags: A, seq: 1101, ack: 5201 + i, id: i + 100 },
    }));
    const later = new Way('10.0.0.3:5', [near, apart(2)]);
    talk(later, '10.0.0.3:5', SERVER, 2e6);
    const rows = rowsOf(pcapngOf(['a', 'b'], [...way.sorted(), ...quiet, ...later.sorted()]));
    expect(streams(rows)).toEqual([0, 1]);
    expect(rows.filter(({ stream, at }) => stream === 1 && at === 'b')).toHaveLength(6);
    expect(rows[10].at).toBeNull();
  });
});

it('uses what lowers the TTL to order vantages whose stamps contradict each other', () => {
  const way = new Way(CLIENT, [near, apart(0, lowersTtl), apart(2)]);
  talk(way, CLIENT, SERVER);
  way.send(700e3, { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 }, { passes: 2 });
  way.send(900e3, { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 });
  const rows = rowsOf(pcapngOf(['a', 'b', 'c'], way.sorted()));
  expect(rows.flatMap(({ lost }) => lost ?? [])).toEqual(['b c']);
});

describe('an interface that sends out what it received', () => {
  /** A router with one interface: each packet comes in, and goes out again with a lower TTL. */
  function routed(): { frames: (Frame & { direction: number })[]; lost: number } {
    const way = new Way(CLIENT, [near]);
    talk(way, CLIENT, SERVER);
    const data = { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 };
    way.send(600e3, data);
    way.send(900e3, data);
    way.send(1e6, { from: SERVER, to: CLIENT, flags: A, seq: 5201, ack: 1151 });
    const frames = way
      .sorted()
      .flatMap((frame) => [
        { ...frame, at: 2, direction: 0 },
        ...(frame.time === 600e3
          ? []
          : [{ time: frame.time + 30, at: 2, direction: 4, sent: { ...frame.sent, ttl: 63 } }]),
      ]);
    return { frames, lost: frames.findIndex(({ time }) => time === 600e3) + 1 };
  }

  it('is two points of view, and a packet that did not go out was lost between them', () => {
    const { frames, lost } = routed();
    const rows = rowsOf(sll2Of(frames));
    expect(rows.map(({ at }) => at)).toEqual(frames.map(({ direction }) => (direction === 4 ? 'if2 out' : 'if2')));
    expect(streams(rows)).toEqual([0]);
    expect(copies(rows)).toBe((frames.length - 1) / 2);
    expect(losses(rows)).toEqual([`#${lost} if2 if2 out`]);
  });

  it('is one where it shows what the host itself sends twice', () => {
    const { frames } = routed();
    // As the loopback interface does: out, and in again.
    const looped = frames.map((frame) => ({ ...frame, direction: 4 - frame.direction }));
    const rows = rowsOf(sll2Of(looped));
    expect(new Set(rows.map(({ at }) => at))).toEqual(new Set([null]));
  });
});
