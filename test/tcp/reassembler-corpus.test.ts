import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { reassemble, type Streams } from './reassemble.ts';

const CORPUS = new URL('../../../shared/corpus/open/', import.meta.url);

interface Truth {
  counts: { connections: number };
  captures: { file: string; snaplen: number; deleted_frames_of_base?: number[] }[];
  connections: {
    initiator: [string, number];
    responder: [string, number];
    bytes_sent_initiator?: number;
    bytes_sent_responder?: number;
  }[];
  packets: { columns: string[]; rows: unknown[][] };
}

interface Case {
  name: string;
  file: string;
  truth: Truth;
  headersOnly: boolean;
}

/** Captures that lack packets on purpose. */
const INCOMPLETE = /drops|midstream|oneway|truncated/;

/** Of floods, the truth lists only the first connections. */
const isListed = ({ counts, connections }: Truth): boolean => counts.connections === connections.length;

const cases: Case[] = [];
if (existsSync(CORPUS)) {
  for (const name of readdirSync(CORPUS)) {
    const truth: Truth = JSON.parse(readFileSync(new URL(`${name}/truth.json`, CORPUS), 'utf8'));
    for (const { file, snaplen } of truth.captures) cases.push({ name, file, truth, headersOnly: snaplen <= 100 });
  }
}
const complete = cases.filter(({ name, truth }) => !INCOMPLETE.test(name) && isListed(truth));

function streamsOf(name: string, file: string): Streams[] {
  const bytes = readFileSync(new URL(`${name}/${file}`, CORPUS));
  return reassemble(file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

/** What each endpoint sent: `address:port bytes`, one entry a connection. Who called whom is not the question here. */
function sentBy(truth: Truth): string[] {
  const ends = truth.connections.flatMap((c) => [
    { at: c.initiator, bytes: c.bytes_sent_initiator ?? 0 },
    { at: c.responder, bytes: c.bytes_sent_responder ?? 0 },
  ]);
  return ends
    .filter(({ bytes }) => bytes > 0)
    .map(({ at, bytes }) => `${at.join(' ')} ${bytes}`)
    .sort();
}

function found(all: Streams[], lengthOf: (streams: Streams, side: 'client' | 'server') => number): string[] {
  const ends = all.flatMap((streams) =>
    (['client', 'server'] as const).map((side) => ({ at: streams.connection[side], bytes: lengthOf(streams, side) })),
  );
  return ends
    .filter(({ bytes }) => bytes > 0)
    .map(({ at, bytes }) => `${at.address} ${at.port} ${bytes}`)
    .sort();
}

describe.skipIf(cases.length === 0)('the streams of the corpus', () => {
  it.each(complete.filter(({ headersOnly }) => !headersOnly))('$name/$file: what the applications sent', (one) => {
    const all = streamsOf(one.name, one.file);
    expect(found(all, (streams, side) => streams.data(side).length)).toEqual(sentBy(one.truth));
    expect(all.flatMap((streams) => streams.gaps)).toEqual([]);
    expect(all.flatMap((streams) => streams.conflicts)).toEqual([]);
    expect(all.flatMap((streams) => streams.limits)).toEqual([]);
  });

  it.each(complete.filter(({ headersOnly }) => headersOnly))('$name/$file: as long, with what was cut', (one) => {
    const all = streamsOf(one.name, one.file);
    expect(found(all, (streams, side) => streams.endOf(side).length)).toEqual(sentBy(one.truth));
    expect(all.flatMap((streams) => streams.gaps).filter((gap) => !gap.endsWith('snaplen-cut'))).toEqual([]);
    expect(all.flatMap((streams) => streams.conflicts)).toEqual([]);
  });

  const pairs = complete.filter(({ file, headersOnly }) => /^client\./.test(file) && !headersOnly);
  it.each(pairs)('$name: the same bytes at both ends', ({ name, file }) => {
    // Connections are found in each capture in the order of their own first packets.
    const contents = (all: Streams[]) =>
      all
        .flatMap((streams) => [streams.connection.client, streams.connection.server].map((end) => ({ streams, end })))
        .map(({ streams, end }) => `${end.name} ${streams.data(end.role).toString('base64')}`)
        .filter((text) => !text.endsWith(' '))
        .sort();
    expect(contents(streamsOf(name, file.replace('client', 'server')))).toEqual(contents(streamsOf(name, file)));
  });

  it.each(['client.pcap', 'server.pcap'])(
    'capture_drops/%s: every byte that was dropped is missing, and no other',
    (file) => {
      const { truth } = cases.find((one) => one.name === 'capture_drops' && one.file === file)!;
      const [streams] = streamsOf('capture_drops', file);
      const column = (name: string) => truth.packets.columns.indexOf(name);
      const isn = (truth.connections[0] as unknown as { isn_initiator: number }).isn_initiator;
      const held = new Uint8Array(160000);
      for (const row of truth.packets.rows) {
        const frames = (row[column('frames')] as Record<string, number[]>)[file];
        if (row[column('dir')] !== 'c2s' || frames === undefined || frames.length === 0) continue;
        const start = (row[column('seq')] as number) - isn - 1;
        held.fill(1, start, start + (row[column('len')] as number));
      }
      const gaps: string[] = [];
      for (let i = 0; i < held.length; i++) {
        if (held[i] === 1 || (i > 0 && held[i - 1] === 0)) continue;
        const end = held.indexOf(1, i);
        gaps.push(`> ${i}-${end < 0 ? held.length : end} missing-in-capture`);
      }
      expect(gaps.length).toBeGreaterThan(0);
      expect(streams.gaps).toEqual(gaps);
      expect(streams.endOf('client').length).toBe(160000);
    },
  );
});
