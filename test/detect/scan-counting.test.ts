/** What counts as a scan, attempt by attempt as they leave the analysis, and how long it is remembered: `scan.ts`. */
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/detect/account.ts';
import type { Collector } from '../../src/detect/collector.ts';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Scans } from '../../src/detect/scan.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Connection } from '../../src/model/connection.ts';

const SECOND = 1e9;
type Outcome = 'refused' | 'silent' | 'open';

interface Try {
  /** Who tried, and which host: numbers of their addresses. */
  from?: number;
  to?: number;
  port?: number;
  outcome?: Outcome;
  frame?: number;
  time?: number;
}

const end = (w3: number, more: object) => ({ w0: 0, w1: 0, w2: 0, w3, connection: { ipVersion: 4 }, ...more });

function tried({ from = 1, to = 1, port = 80, outcome = 'refused', frame = 1, time = 0 }: Try): Attempt {
  const client = end(from, { address: `client ${from}`, hasIss: true });
  const server = end(to, { port, hasIss: outcome === 'open', seen: outcome !== 'silent' });
  return { ipVersion: 4, firstFrame: frame, firstTime: time, icmpError: null, client, server } as unknown as Attempt;
}

/** A connection with its SYN, of which `data` packets had data. */
function connectionOf(one: Try, { data = 0, hasLeft = true, sawHandshake = true } = {}): Connection {
  const { client, ...others } = tried(one);
  const a = { ...client, dataPackets: data, packets: 1, lastAck: -1, phase: -1 };
  const b = { ...others.server, dataPackets: data, packets: 1, lastAck: -1, phase: -1 };
  return { ...others, a, b, client: a, server: b, hasLeft, sawHandshake, findings: [] } as unknown as Connection;
}

function watched(isFlooded?: () => boolean) {
  const told: (() => Account | null)[] = [];
  const findings = {
    defer: (_: unknown, __: string, account: () => Account | null) => void told.push(account),
    raise: (_: unknown, account: Account) => void told.push(() => account),
  };
  const scans = isFlooded
    ? new Scans(findings as unknown as Collector, isFlooded)
    : new Scans(findings as unknown as Collector);
  const add = (...tries: Try[]) => {
    for (const one of tries) scans.concludeFirstSyn(tried(one));
  };
  const finish = (connections: readonly Connection[] = []) =>
    scans.concludeCapture({
      connections: { visit: (look: (connection: Connection) => void) => connections.forEach(look) },
    } as unknown as CaptureEnd);
  const last = () => told.at(-1)!()!;
  const values = () => last().message.values as Record<string, unknown>;
  return { scans, add, finish, told, last, values };
}

const times = <T>(count: number, one: (i: number) => T) => Array.from({ length: count }, (_, i) => one(i));
const ports = (count: number, more: Try = {}) => times(count, (i): Try => ({ port: 1000 + i, frame: 1 + i, ...more }));
const hosts = (count: number, more: Try = {}) => times(count, (i): Try => ({ to: 1 + i, frame: 1 + i, ...more }));

describe('a scan is told', () => {
  it('once, with the fifteenth port of one host or the 25th host at one port, and counted on', () => {
    for (const [tries, enough] of [
      [ports(16), 15],
      [hosts(26), 25],
    ] as const) {
      const { add, told, values } = watched();
      add(...tries.slice(0, enough - 1));
      expect(told).toHaveLength(0);
      add(...tries.slice(enough - 1));
      expect(told).toHaveLength(1);
      expect(values()).toMatchObject({ refused: enough + 1, silent: 0, open: 0 });
    }
  });

  it('of 25 hosts where one of them answered, and of 100 where none did', () => {
    const some = watched();
    some.add(...hosts(24, { outcome: 'silent' }), { to: 25, outcome: 'open', frame: 25 });
    expect(some.told).toHaveLength(1);
    expect(some.last()).toMatchObject({ id: 'host-sweep', confidence: 0.9, restsOn: ['absence'] });
    const none = watched();
    none.add(...hosts(99, { outcome: 'silent' }));
    expect(none.told).toHaveLength(0);
    none.add({ to: 100, outcome: 'silent' });
    expect(none.last()).toMatchObject({ id: 'host-sweep', confidence: 0.6 });
  });

  it('of ports where those are as many as the hosts, and rests on missing answers where most are missing', () => {
    const { add, last } = watched();
    add(...hosts(25, { port: 80 }), ...times(24, (i): Try => ({ to: 1, port: 1000 + i, outcome: 'silent' })));
    expect(last()).toMatchObject({ id: 'port-scan', restsOn: [] });
    add({ to: 1, port: 80, outcome: 'silent' });
    expect(last().restsOn).toEqual([]);
    add({ to: 1, port: 80, outcome: 'silent' });
    expect(last().restsOn).toEqual(['absence']);
    add({ to: 26, port: 80 }, { to: 27, port: 80 });
    expect(last().id).toBe('host-sweep');
  });

  it('with its first eight packets, whatever left first, and the first eight sockets that answered', () => {
    const { add, last, values } = watched();
    add(...times(15, (i): Try => ({ port: 1000 + i, frame: 50 - i })));
    expect(last().evidence).toEqual([36, 37, 38, 39, 40, 41, 42, 43]);
    // The packet with which it is told stays the first.
    add({ port: 2000, frame: 20 }, { port: 2001, frame: 39 });
    expect(last().evidence.slice(0, 3)).toEqual([36, 37, 38]);
    add(...times(9, (i): Try => ({ port: 3000 + i, outcome: 'open', frame: 100 + i })), {
      port: 3000,
      outcome: 'open',
    });
    expect(values().openAt).toEqual(times(8, (i) => `0.0.0.1:${3000 + i}`));
  });

  it('with its rate: all attempts by the time between the first and the last, a second at the least', () => {
    const { add, values } = watched();
    add(...ports(15, { time: 10 * SECOND }));
    expect(values()).toMatchObject({ span: 0, perSecond: 15 });
    add({ port: 80, outcome: 'open', time: 12 * SECOND }, { port: 81, outcome: 'silent', time: 11 * SECOND });
    expect(values()).toMatchObject({ span: 2 * SECOND, perSecond: 9, open: 1, silent: 1, refused: 15 });
  });

  it('of 64 hosts and no more, as they leave and in the end', () => {
    const leaving = watched();
    for (let from = 1; from <= 65; from++) leaving.add(...ports(15, { from }));
    expect(leaving.told).toHaveLength(64);
    leaving.finish();
    expect(leaving.told).toHaveLength(64);
    const staying = watched();
    for (let from = 1; from <= 65; from++)
      for (const one of ports(15, { from })) staying.scans.concludeConnection(connectionOf(one, { hasLeft: false }));
    staying.finish();
    expect(staying.told).toHaveLength(64);
  });
});

describe('no scan', () => {
  it('are connections that carried data, and a host most of whose connections do', () => {
    const { scans, add, told } = watched();
    for (const one of hosts(30)) scans.concludeConnection(connectionOf(one, { data: 1 }));
    add(...hosts(2));
    // Of those before it was known to have tried anything nobody keeps account.
    for (const one of hosts(26)) scans.concludeConnection(connectionOf(one, { data: 1 }));
    add(...hosts(25).slice(2));
    expect(told).toHaveLength(0);
    add({ to: 26, frame: 26 });
    expect(told).toHaveLength(1);
    scans.concludeConnection(connectionOf({}, { data: 1 }));
    expect(told[0]()).toBeNull();
  });

  it('are packets of a connection in its middle that carried data both ways', () => {
    const { scans, told } = watched();
    for (const one of hosts(30)) scans.concludeConnection(connectionOf(one, { data: 1, sawHandshake: false }));
    expect(told).toHaveLength(0);
  });

  it('are SYNs of a flood that have left, but those that are still there count', () => {
    const { scans, add, told, finish } = watched(() => true);
    add(...hosts(30));
    for (const one of hosts(30)) scans.concludeConnection(connectionOf(one));
    finish();
    expect(told).toHaveLength(0);
    for (const one of hosts(30)) scans.concludeConnection(connectionOf(one, { hasLeft: false }));
    finish();
    expect(told).toHaveLength(1);
  });

  it('is what took longer than five minutes', () => {
    const spread = (time: number) => {
      const { add, told } = watched();
      add({ port: 999, time: SECOND }, ...ports(14, { time: SECOND + time }));
      return told.length;
    };
    expect([spread(300 * SECOND), spread(300 * SECOND + 1)]).toEqual([1, 0]);
    const { add, told } = watched();
    add(...ports(14, { time: SECOND }), { port: 1, time: 301 * SECOND + 1 }, ...ports(14, { time: 302 * SECOND }));
    expect(told).toHaveLength(1);
  });
});

describe('what is remembered', () => {
  /** Hosts that tried fourteen ports each: so many pairs of host and port. */
  const fill = (add: (...tries: Try[]) => void, pairs: number) => {
    for (let from = 1000, left = pairs; left > 0; from++, left -= 14)
      for (const one of ports(Math.min(left, 14), { from })) add(one);
  };
  const isTold = (between: (add: (...tries: Try[]) => void) => void) => {
    const { add, told } = watched();
    add(...ports(14));
    between(add);
    add({ port: 2000 });
    return told.length === 1;
  };

  it('are 65,536 pairs of host and port, and all are forgotten with one more', () => {
    expect([isTold((add) => fill(add, 65_536 - 14)), isTold((add) => fill(add, 65_537 - 14))]).toEqual([true, false]);
  });

  it('are 65,536 hosts', () => {
    const others = (count: number) => isTold((add) => times(count, (i) => add({ from: 1000 + i })));
    expect([others(65_534), others(65_535)]).toEqual([true, false]);
  });

  it('is nothing more of the same port again, nor of a host that is told', () => {
    expect(isTold((add) => times(70_000, () => add({ port: 1000 })))).toBe(true);
    const { add, told } = watched();
    add(...ports(14));
    times(70_000, (i) => add({ from: 2, port: i & 0xffff, to: i >> 8 }));
    expect(told).toHaveLength(1);
    add({ port: 2000 });
    expect(told).toHaveLength(2);
  });

  it('is a scan that was told, also when all else was forgotten', () => {
    const { add, told, values } = watched();
    add(...ports(15));
    fill(add, 65_537);
    add({ port: 1 }, { port: 2, outcome: 'open' });
    expect(told).toHaveLength(1);
    expect(values()).toMatchObject({ refused: 16, open: 1 });
  });
});
