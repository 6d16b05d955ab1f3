/** Ports are used again while packets of the connection before are still under way: whose objects were given on makes no difference. */
import { afterEach, expect, it, vi } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { connectionReport } from '../../src/report/connection.ts';
import { Outbounds } from '../../src/verdict/outbounds.ts';
import { PastOutbound } from '../../src/verdict/past-outbound.ts';
import { type ConnectionOptions, scenario } from '../support/scenario.ts';

afterEach(() => vi.restoreAllMocks());

/** Five connections at once; most are opened anew soon after, or a little before, their end. Some packets are lost, or come twice. */
function capture(seed: number): Uint8Array {
  let state = seed;
  const random = (below = 1) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return ((state >>> 8) / 0x800000) * below;
  };
  const whole = (below: number) => Math.floor(random(below));
  const connections: Record<string, ConnectionOptions> = {};
  const lines: { time: number; text: string }[] = [];
  const talk = (name: string, start: number): number => {
    let time = start;
    const add = (text: string) => {
      if (random() < 0.04) return;
      lines.push({ time, text: `${text} conn ${name}` });
      if (random() < 0.06) lines.push({ time: time + random(3), text: `${text} conn ${name}` });
      time += 0.0001 + random(0.02);
    };
    let c = 1;
    let s = 1;
    add('> S seq 0 <mss 1460>');
    add('< S. seq 0 ack 1 <mss 1460>');
    add('> . seq 1 ack 1');
    for (let turns = whole(4); turns > 0; turns--) {
      const [asked, answered] = [1 + whole(900), 1 + whole(1400)];
      add(`> P. ${c}:${c + asked}(${asked}) ack ${s}`);
      c += asked;
      add(`< P. ${s}:${s + answered}(${answered}) ack ${c}`);
      s += answered;
      add(`> . seq ${c} ack ${s}`);
    }
    if (random() < 0.2) add(`> R. seq ${c} ack ${s}`);
    else {
      add(`> F. seq ${c} ack ${s}`);
      add(`< F. seq ${s} ack ${c + 1}`);
      add(`> . seq ${c + 1} ack ${s + 1}`);
    }
    const late = [
      `< . seq ${s + 1} ack ${c + 1}`,
      `> R seq ${c + 1}`,
      `> . seq ${c} ack ${s}`,
      `< . seq ${s} ack ${c}`,
    ];
    for (let more = whole(4); more > 0; more--) {
      time += random(2);
      add(late[whole(late.length)]);
    }
    return time;
  };
  for (let port = 40000; port < 40005; port++) {
    const [clientIsn, serverIsn] = [whole(2 ** 31), whole(2 ** 31)];
    const ends = { client: `10.0.0.1:${port}`, server: '10.0.0.2:80' };
    connections[`first${port}`] = { ...ends, clientIsn, serverIsn };
    connections[`second${port}`] = { ...ends, clientIsn: clientIsn + whole(2e6), serverIsn: whole(2 ** 31) };
    const end = talk(`first${port}`, random());
    if (random() < 0.8) talk(`second${port}`, Math.max(0, end + random(3) - 1));
  }
  lines.sort((x, y) => x.time - y.time);
  return scenario({ connections }, lines.map(({ time, text }) => `${time.toFixed(6)} ${text}`).join('\n')).pcap;
}

function told(bytes: Uint8Array): { reports: string[]; past: number } {
  // With somebody who chooses connections none of them rests whole.
  const analyzer = new Analyzer({ congestion: false, roundTrips: true, staysFor: () => false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(bytes);
  reader.end();
  analyzer.end();
  const ends = analyzer.connections.flatMap(({ a, b }) => [a.outbound, b.outbound]);
  return {
    reports: analyzer.connections.map((connection) => JSON.stringify(connectionReport(connection, 0n))),
    past: ends.filter((outbound) => outbound instanceof PastOutbound).length,
  };
}

it('a connection is told of as if no other had taken its objects, whatever comes late', () => {
  const captures = Array.from({ length: 40 }, (_, seed) => capture(seed + 1));
  const settled = captures.map(told);
  vi.spyOn(Outbounds.prototype, 'settle').mockImplementation(() => {});
  const kept = captures.map(told);
  expect(settled.every(({ past }) => past > 0)).toBe(true);
  expect(kept.every(({ past }) => past === 0)).toBe(true);
  expect(settled.map(({ reports }) => reports)).toEqual(kept.map(({ reports }) => reports));
});
