/** What many connections show together: `scan.ts`, `syn-flood.ts`. Of each condition an example on either side. */

import { describe, expect, it } from 'vitest';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Scans } from '../../src/detect/scan.ts';
import { REPLACED, SynFlood } from '../../src/detect/syn-flood.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { listOf } from '../../src/model/connection-list.ts';
import { ACK, SYN } from '../../src/model/flags.ts';
import { ends, listener, valuesOf } from '../support/detector.ts';

const SECOND = 1e9;
const times = <T>(count: number, one: (i: number) => T) => Array.from({ length: count }, (_, i) => one(i));
const host = (w3: number, port: number, more: object = {}) => ({
  w0: 0,
  w1: 0,
  w2: 0,
  w3,
  port,
  address: `10.0.0.${w3}`,
  name: `10.0.0.${w3}:${port}`,
  ...more,
});
const toldBy = ({ raised, added }: ReturnType<typeof listener>) =>
  [...added.map((account) => account()), ...raised].filter((account) => account !== null);

describe('scans', () => {
  interface Try {
    client?: number;
    to?: number;
    port?: number;
    /** Seconds. */
    at?: number;
    frame?: number;
    outcome?: 'refused' | 'silent' | 'open' | 'icmp' | 'data';
    hasLeft?: boolean;
    hasIss?: boolean;
  }
  const connectionOf = ({
    client = 1,
    to = 9,
    port = 80,
    at = 0,
    frame = 1,
    outcome = 'refused',
    hasLeft = true,
    hasIss = true,
  }: Try) =>
    ends(
      host(client, 1024, { hasIss, dataPackets: outcome === 'data' ? 1 : 0 }),
      host(to, port, {
        seen: outcome !== 'silent' && outcome !== 'icmp',
        hasIss: outcome === 'open' || outcome === 'data',
      }),
      { firstFrame: frame, firstTime: at * SECOND, hasLeft, icmpError: outcome === 'icmp' },
    ).connection;
  const story = (tries: readonly Try[], { flooded = -1, shards = [] as Parameters<Scans['join']>[0] } = {}) => {
    const heard = listener();
    const scans = new Scans(heard.findings, ({ port }) => port === flooded);
    const all = tries.map(connectionOf);
    for (const connection of all) scans.concludeConnection(connection);
    const gathered = scans.gathered();
    scans.join(shards);
    scans.concludeCapture({ connections: listOf(all.filter(({ hasLeft }) => !hasLeft)) } as unknown as CaptureEnd);
    return { gathered, told: toldBy(heard) };
  };
  const ids = (...of: Parameters<typeof story>) => story(...of).told.map(({ id }) => id);
  const ports = (count: number, more: Try = {}) => times(count, (i): Try => ({ port: 1 + i, frame: 1 + i, ...more }));
  const hosts = (count: number, more: Try = {}) => times(count, (i): Try => ({ to: 100 + i, frame: 1 + i, ...more }));
  const stay = { hasLeft: false };

  it.each([true, false])(
    'are fifteen ports of a host or twenty-five hosts at a port, whether they have left (%s)',
    (hasLeft) => {
      expect([ids(ports(14, { hasLeft })), ids(ports(15, { hasLeft }))]).toEqual([[], ['port-scan']]);
      expect([ids(hosts(24, { hasLeft })), ids(hosts(25, { hasLeft }))]).toEqual([[], ['host-sweep']]);
      expect(ids(times(30, (i) => ({ to: 100 + i, port: 1 + i, hasLeft })))).toEqual([]);
      expect(ids(times(30, () => ({ hasLeft })))).toEqual([]);
    },
  );

  it('are a hundred hosts where none answers at all: a refusal, an answer or an ICMP error is one', () => {
    const silent = { outcome: 'silent' as const };
    expect([ids(hosts(99, silent)), ids(hosts(100, silent))]).toEqual([[], ['host-sweep']]);
    for (const outcome of ['refused', 'icmp'] as const)
      expect(ids([...hosts(24, silent), { to: 500, outcome }]), outcome).toEqual(['host-sweep']);
    expect(ids([...hosts(24, silent), { to: 500, outcome: 'open' }])).toEqual(['host-sweep']);
    expect(story(hosts(100, silent)).told[0]).toMatchObject({ confidence: 0.6, restsOn: ['absence'] });
    expect(
      story([...hosts(13, silent), ...hosts(12, { to: 0 }).map((one, i) => ({ ...one, to: 500 + i }))]).told[0],
    ).toMatchObject({ confidence: 0.9, restsOn: ['absence'] });
    expect(
      story([...hosts(12, silent), ...hosts(13).map((one, i) => ({ ...one, to: 500 + i }))]).told[0],
    ).toMatchObject({ confidence: 0.9, restsOn: [] });
    expect(
      story([
        ...hosts(12, silent),
        ...hosts(12).map((one, i) => ({ ...one, to: 500 + i })),
        { to: 700, outcome: 'silent' },
      ]).told[0],
    ).toMatchObject({ restsOn: ['absence'] });
  });

  it('are in vain: as many as carry data or are answered, and no fewer', () => {
    const data = (count: number, hasLeft: boolean) => times(count, (): Try => ({ to: 50, outcome: 'data', hasLeft }));
    // Two before the data and fifteen after them.
    const between = (count: number) => ids([...ports(2), ...data(count, true), ...ports(15)]);
    expect([between(17), between(18)]).toEqual([['port-scan'], []]);
    expect([ids([...ports(15, stay), ...data(15, false)]), ids([...ports(15, stay), ...data(16, false)])]).toEqual([
      ['port-scan'],
      [],
    ]);
    const open = (count: number) => times(count, (i): Try => ({ port: 1 + i, outcome: 'open', ...stay }));
    expect([ids([...ports(15, stay), ...open(15)]), ids([...ports(15, stay), ...open(16)])]).toEqual([
      ['port-scan'],
      [],
    ]);
    // That of another client does not count.
    expect(ids([...ports(15, stay), ...data(40, false).map((one) => ({ ...one, client: 2 }))])).toEqual(['port-scan']);
  });

  it('are of one host, whose SYNs are seen, and no flood', () => {
    expect(ids([...ports(14), ...ports(14, { client: 2 })])).toEqual([]);
    expect(ids(ports(15, { hasIss: false }))).toEqual([]);
    const flooded = (hasLeft: boolean) => story(hosts(25, { hasLeft }), { flooded: 80 }).told.length;
    expect([flooded(true), flooded(false), story(hosts(25), { flooded: 81 }).told.length]).toEqual([0, 1, 1]);
  });

  it('last five minutes at the most from the first that was remembered', () => {
    const late = (at: number) => ids([...ports(14), { port: 99, at }]);
    expect([late(300), late(300.000001)]).toEqual([['port-scan'], []]);
    // The second is too late for the first, and fourteen follow it.
    const second = (at: number, count: number) => ids([{ port: 99 }, ...ports(count, { at })]);
    expect([second(300, 14), second(300.000001, 14), second(300.000001, 15)]).toEqual([
      ['port-scan'],
      [],
      ['port-scan'],
    ]);
    // One that is told goes on.
    expect(valuesOf(story([...ports(15), { port: 99, at: 1000 }]).told[0])).toMatchObject({
      ports: 16,
      span: 1000 * SECOND,
    });
  });

  it('say what they tried and what answered, whatever the order in which it leaves', () => {
    const tries = [
      ...ports(14, { at: 4 }),
      { port: 20, at: 2, frame: 0 },
      { port: 21, at: 8, frame: 40 },
      { port: 22, at: 3, frame: 50, outcome: 'open' as const },
      { port: 22, outcome: 'open' as const, frame: 60 },
    ];
    const { told } = story(tries.map((one) => ({ ...one, ...stay })));
    expect(told[0]).toMatchObject({ where: { frame: 0, time: 2 * SECOND }, evidence: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(valuesOf(told[0])).toMatchObject({
      source: '10.0.0.1',
      hosts: 1,
      isEstimate: false,
      ports: 17,
      span: 6 * SECOND,
      perSecond: 3,
      refused: 16,
      silent: 0,
      open: 2,
      openAt: ['0.0.0.9:22'],
    });
    // Within a second it is as many as there were.
    expect(valuesOf(story(ports(15)).told[0]).perSecond).toBe(15);
  });

  it('keep the packet at which they were told, and name eight', () => {
    const { told } = story([
      ...ports(15, { at: 1 }).map((one, i) => ({ ...one, frame: 10 + i })),
      { port: 90, frame: 2, at: 0 },
      { port: 91, frame: 12, at: 5 },
    ]);
    expect(told[0].evidence).toEqual([10, 11, 12, 12, 13, 14, 15, 16]);
    expect(valuesOf(told[0])).toMatchObject({ ports: 17, span: 4 * SECOND });
    const many = story(
      times(20, (i) => ({ port: 1 + i, outcome: i < 9 ? ('open' as const) : ('refused' as const), ...stay })),
    ).told[0];
    expect((valuesOf(many).openAt as string[]).length).toBe(8);
  });

  it('are a scan of ports where there are as many ports as hosts', () => {
    const grid = (hosts: number) => ids([...ports(15), ...times(hosts, (i): Try => ({ to: 200 + i, port: 1 }))]);
    expect([grid(14), grid(15)]).toEqual([['port-scan'], ['host-sweep']]);
  });

  it('of shards are put together', () => {
    const { gathered } = story(ports(15, { at: 5 }));
    expect(gathered).toMatchObject([
      { name: '10.0.0.1', frame: 1, outcomes: [15, 0, 0], others: 0, ports: times(15, (i) => 1 + i) },
    ]);
    const other = {
      ...gathered[0],
      frame: 0,
      firstTime: 0,
      lastTime: 9 * SECOND,
      outcomes: [1, 2, 3],
      open: ['x', 'x', 'y'],
      others: 4,
      samples: [0, 30],
      ports: [1, 500],
    };
    const { told } = story([], { shards: [gathered, [other]] });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ where: { frame: 0, time: 0 }, evidence: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(valuesOf(told[0])).toMatchObject({
      ports: 16,
      hosts: 1,
      span: 9 * SECOND,
      refused: 16,
      silent: 2,
      open: 3,
      openAt: ['x', 'y'],
    });
    const vain = (others: number) => story([], { shards: [[{ ...gathered[0], others }]] }).told.length;
    expect([vain(15), vain(16)]).toEqual([1, 0]);
    // What comes later belongs to it.
    expect(
      valuesOf(
        story(
          [
            { port: 900, ...stay },
            { port: 901, ...stay },
          ],
          { shards: [gathered] },
        ).told[0],
      ),
    ).toMatchObject({ ports: 17 });
  });

  it('are told of sixty-four hosts', () => {
    const many = (count: number) =>
      story(times(count, (client) => ports(15, { client: 1 + client })).flat()).told.length;
    expect([many(64), many(65)]).toEqual([64, 64]);
    const staying = (count: number) =>
      story(times(count, (client) => ports(15, { client: 1 + client, ...stay })).flat()).told.length;
    expect([staying(64), staying(65)]).toEqual([64, 64]);
  });

  it('of first SYNs are counted as they leave', () => {
    const heard = listener();
    const scans = new Scans(heard.findings, ({ port }) => port === 7);
    for (const one of ports(15)) scans.concludeFirstSyn(connectionOf(one) as unknown as Attempt);
    // That to the flooded port is none.
    expect(toldBy(heard)).toHaveLength(0);
    scans.concludeFirstSyn(connectionOf({ port: 16 }) as unknown as Attempt);
    expect(toldBy(heard)).toHaveLength(1);
  });
});

describe('a SYN flood', () => {
  interface Half {
    to?: number;
    client?: number;
    /** Seconds. */
    at?: number;
    frame?: number;
    /** Copies of the SYN,ACK; none was sent where it is 0. */
    copies?: number;
    hasLeft?: boolean;
    /** Not half open. */
    done?: boolean;
    more?: { client?: object; server?: object; connection?: object };
  }
  const connectionOf = ({
    to = 9,
    client = 1,
    at = 0,
    frame = 1,
    copies = 0,
    hasLeft = true,
    done = false,
    more = {},
  }: Half) =>
    ends(
      { ...host(client, 1024), unansweredKind: copies === 0 ? SYN : 0, lastAck: done ? 1 : 0, ...more.client },
      { ...host(to, 80), unansweredKind: copies > 0 ? SYN | ACK : 0, unansweredCopies: copies, ...more.server },
      { firstFrame: frame, firstTime: at * SECOND, hasLeft, ...more.connection },
    ).connection;
  const story = (
    halves: readonly Half[],
    { now = 1, end = 1, shards = [] as Parameters<SynFlood['join']>[0] } = {},
  ) => {
    const heard = listener();
    const withdrawn: number[] = [];
    const findings = Object.assign(heard.findings, {
      withdraw: ({ firstFrame }: { firstFrame: number }, ids: readonly string[]) => {
        expect(ids).toBe(REPLACED);
        withdrawn.push(firstFrame);
      },
    });
    const flood = new SynFlood(findings);
    const all = halves.map(connectionOf);
    for (const connection of all) flood.concludeConnection(connection, { time: now * SECOND } as CaptureEnd);
    const early = heard.added.length;
    const gathered = flood.gathered();
    flood.join(shards);
    flood.concludeCapture({
      connections: listOf(all.filter(({ hasLeft }) => !hasLeft)),
      time: end * SECOND,
    } as unknown as CaptureEnd);
    return { gathered, early, withdrawn, flood, told: toldBy(heard) };
  };
  const half = (count: number, more: Half | ((i: number) => Half) = {}) =>
    times(count, (i): Half => ({ frame: 1 + i, client: 1 + i, ...(typeof more === 'function' ? more(i) : more) }));
  const count = (...of: Parameters<typeof story>) => story(...of).told.length;
  const stay = { hasLeft: false };

  it.each([true, false])(
    'is fifty half-open handshakes of one server socket, whether they have left (%s)',
    (hasLeft) => {
      expect([count(half(49, { hasLeft })), count(half(50, { hasLeft }))]).toEqual([0, 1]);
      expect(count([...half(49, { hasLeft }), ...half(49, { to: 8, hasLeft })])).toBe(0);
    },
  );

  it('which are half of all', () => {
    const done = (number: number, hasLeft: boolean) => times(number, (): Half => ({ done: true, hasLeft }));
    expect([count([...half(50, stay), ...done(50, false)]), count([...half(50, stay), ...done(51, false)])]).toEqual([
      1, 0,
    ]);
    expect([
      count([...half(1), ...done(49, true), ...half(49)]),
      count([...half(1), ...done(51, true), ...half(49)]),
    ]).toEqual([1, 0]);
    expect(valuesOf(story([...half(50, stay), ...done(30, false)]).told[0]).share).toBe(50 / 80);
  });

  it('ten of them in a second', () => {
    const within = (seconds: number, hasLeft = true) => count(half(50, (i) => ({ at: (seconds * i) / 49, hasLeft })));
    expect([within(5), within(5.01), within(5, false), within(5.01, false)]).toEqual([1, 0, 1, 0]);
    expect(valuesOf(story(half(50, (i) => ({ at: i / 70 }))).told[0])).toMatchObject({ perSecond: 50 });
    expect(valuesOf(story(half(60, (i) => ({ at: 2 + (4 * i) / 59 }))).told[0])).toMatchObject({
      perSecond: 15,
      span: 4 * SECOND,
    });
  });

  it('that nobody completed, or reset', () => {
    const all = (more: Half['more']) => count(half(50, { more: more! }));
    expect(all({})).toBe(1);
    expect([all({ client: { rstFrame: 1 } }), all({ server: { rstFrame: 1 } })]).toEqual([0, 0]);
    expect([all({ client: { lastAck: 1 } }), all({ client: { lastAck: 0 } })]).toEqual([0, 1]);
    expect([all({ client: { unansweredKind: 0 } }), all({ connection: { sawHandshake: false } })]).toEqual([0, 0]);
    expect(all({ client: { unansweredKind: 0 }, server: { unansweredKind: SYN | ACK, unansweredCopies: 1 } })).toBe(1);
    expect(all({ client: { unansweredKind: 0 }, server: { unansweredKind: SYN } })).toBe(0);
  });

  it('is told while it goes on, once, and takes the place of what is half open then', () => {
    const { early, told, withdrawn, flood } = story([...half(60), ...half(3, stay)]);
    expect([early, told.length, withdrawn]).toEqual([1, 1, [1, 2, 3]]);
    expect(valuesOf(told[0])).toMatchObject({ syns: 63, sources: 60, isEstimate: false });
    const isFlooded = (w3: number, port: number) => flood.isFlooded(host(w3, port) as never);
    expect([isFlooded(9, 80), isFlooded(8, 80), isFlooded(9, 81)]).toEqual([true, false, false]);
    expect(story(half(49)).flood.isFlooded(host(9, 80) as never)).toBe(false);
    // It may turn out to be none.
    expect(story([...half(50), ...times(51, (): Half => ({ done: true }))]).told).toEqual([]);
  });

  it('begins with the first and ends with the last, in whatever order they leave; eight are named', () => {
    const { told } = story(
      [...half(50, (i) => ({ frame: 10 + i, at: 3 })), { frame: 5, at: 1 }, { frame: 7, at: 4 }].map((one) => ({
        ...one,
        ...stay,
      })),
    );
    expect(told[0]).toMatchObject({ where: { frame: 5, time: SECOND }, evidence: [10, 11, 12, 13, 14, 15, 16, 17] });
    expect(valuesOf(told[0]).span).toBe(3 * SECOND);
  });

  it('shows how the server takes it by its SYN,ACKs', () => {
    const defence = (once: number, again: number, now = 1) => {
      const none = 60 - once - again;
      const values = valuesOf(
        story([...half(none), ...half(once, { copies: 1 }), ...half(again, { copies: 2 })], { now }).told[0],
      );
      return [values.answered, values.repeated, values.defence];
    };
    expect(defence(0, 0)).toEqual([0, 0, 'silent']);
    expect(defence(1, 0)).toEqual([1, 0, 'answers']);
    expect(defence(20, 20)).toEqual([40, 20, 'backlog']);
    expect(defence(21, 20)).toEqual([41, 20, 'backlog-or-cookies']);
    expect(defence(0, 1)).toEqual([1, 1, 'backlog']);
    // Two seconds after the SYN the first SYN,ACK should have been repeated (RFC 6298 section 2).
    expect([defence(20, 20, 2.000001)[2], defence(21, 20, 2.000001)[2], defence(21, 20, 2)[2]]).toEqual([
      'backlog',
      'cookies',
      'backlog-or-cookies',
    ]);
  });

  it('is asked for its time when it ends, where it is still there', () => {
    const defence = (end: number) => valuesOf(story(half(50, { copies: 1, ...stay }), { end }).told[0]).defence;
    expect([defence(2), defence(2.000001)]).toEqual(['answers', 'cookies']);
  });

  it('of shards is put together', () => {
    const shard = (first: number, from: number) =>
      story(half(30, (i) => ({ frame: first + i, client: first + i, at: from + i / 100, copies: 2 }))).gathered;
    const { told } = story([], { shards: [shard(31, 3), shard(1, 1)] });
    expect(told[0]).toMatchObject({ where: { frame: 1, time: SECOND }, evidence: times(8, (i) => 1 + i) });
    expect(valuesOf(told[0])).toMatchObject({
      syns: 60,
      sources: 60,
      answered: 60,
      repeated: 60,
      share: 1,
      span: 2.29 * SECOND,
    });
    const [facts] = shard(1, 1);
    // One that saw no half-open ones tells nothing of when.
    const idle = {
      ...facts,
      halfOpen: 0,
      attempts: 5,
      frame: 0,
      firstTime: 0,
      lastTime: 90 * SECOND,
      samples: [],
      answered: 0,
      repeated: 0,
    };
    expect(story([], { shards: [shard(1, 1), [idle], shard(31, 3)] }).told[0]).toMatchObject({ where: { frame: 1 } });
    expect(valuesOf(story([], { shards: [[idle], shard(1, 1), shard(31, 3)] }).told[0])).toMatchObject({
      share: 60 / 65,
      span: 2.29 * SECOND,
    });
  });

  it('of sockets that left 4,096 are remembered: those that are told of, and those with most', () => {
    /** So many first SYNs to each of these, one each 10 ms or as told. */
    const left = (sockets: readonly (readonly [to: number, syns: number, every?: number])[]) => {
      const flood = new SynFlood(listener().findings);
      for (const [to, syns, every = 0.01] of sockets)
        for (let i = 0; i < syns; i++) {
          const of = { ipVersion: 4, firstFrame: 1 + i, firstTime: i * every * SECOND, icmpError: false };
          const syn = { ...of, client: host(i, 1024), server: host(to, 80) };
          flood.concludeFirstSyn(syn as unknown as Attempt, { time: 0 } as CaptureEnd);
        }
      return flood.gathered();
    };
    const others = (count: number) => times(count, (i) => [1000 + i, 1] as const);
    // A flood, more SYNs that are too slow for one, two, and one each.
    const full = left([[5, 1], [7, 50], [8, 90, 1], [6, 2], ...others(4092)]);
    expect(full).toHaveLength(4096);
    const kept = left([[5, 1], [7, 50], [8, 90, 1], [6, 2], ...others(4092), [9000, 1]]).map(({ name }) => name);
    expect([kept.length, kept.slice(0, 4), kept.at(-1)]).toEqual([
      2049,
      ['10.0.0.7:80', '10.0.0.8:80', '10.0.0.6:80', '10.0.0.5:80'],
      '10.0.0.9000:80',
    ]);
    const joined = (...shards: Parameters<SynFlood['join']>[0]) => {
      const flood = new SynFlood(listener().findings);
      flood.join(shards);
      return flood.gathered().length;
    };
    expect([joined(full), joined(full, [{ ...full[0], name: 'another' }])]).toEqual([4096, 2049]);
  });
});
