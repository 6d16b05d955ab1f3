import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, Pcapng, type PcapPacket, payload, pcap, pcapHeader, text } from './build.ts';
import { MemorySource, readSources } from './input.ts';

const T0 = 1_700_000_000;
/** Packets at the given milliseconds; the data says which. */
const at = (milliseconds: number[], seed = 0): PcapPacket[] =>
  milliseconds.map((ms) => ({
    seconds: T0 + Math.floor(ms / 1000),
    fraction: (ms % 1000) * 1000,
    data: payload(40 + (ms % 50), ms + seed),
  }));
const ms = (records: { time: number }[]) => records.map((record) => record.time / 1e6);
const source = (name: string, milliseconds: number[], options = {}, pcapOptions = {}) =>
  new MemorySource(name, pcap(at(milliseconds), pcapOptions), options);

describe('several captures', () => {
  it('of a rotation, given in any order', async () => {
    const sources = [source('c', [500, 600]), source('a', [0, 100, 200]), source('b', [200, 300, 250])];
    const { records, facts } = await readSources(sources);
    expect(ms(records)).toEqual([0, 100, 200, 200, 300, 250, 500, 600]);
    expect(records.map((r) => r.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(facts.files).toEqual(['a', 'b', 'c']);
    expect(facts.formats).toEqual(['pcap', 'pcap', 'pcap']);
    expect(facts.firstTimestamp).toBe(BigInt(T0) * 1_000_000_000n);
    // They describe the same interface.
    expect(facts.interfaces).toHaveLength(1);
    expect(sources.map((s) => s.openNow)).toEqual([0, 0, 0]);
  });

  it('of a rotation in pcapng, whose files describe their interfaces again', async () => {
    const ng = new Pcapng();
    const name = (text_: string) => [{ code: 2, value: text(text_) }];
    const file = (second: number) =>
      concat(
        ng.section(),
        ng.interface(1, 0, name('eth0')),
        ng.interface(1, 0, name('eth1')),
        ng.interface(1, 0, name('eth1')),
        ng.enhanced(BigInt(T0 + second) * 1_000_000n, payload(30), { id: 2 }),
      );
    const { records, facts } = await readSources([new MemorySource('b', file(1)), new MemorySource('a', file(0))]);
    expect(records.map((r) => r.interfaceId)).toEqual([2, 2]);
    expect(facts.interfaces.map((described) => described.name)).toEqual(['eth0', 'eth1', 'eth1']);
  });

  it('that overlap are merged, and do not share an interface', async () => {
    const sources = [source('x', [0, 30, 50, 70]), source('y', [10, 20, 30, 90])];
    const { records, facts } = await readSources(sources);
    expect(ms(records)).toEqual([0, 10, 20, 30, 30, 50, 70, 90]);
    expect(records.map((r) => r.interfaceId)).toEqual([0, 1, 1, 0, 1, 0, 0, 1]);
    expect(records.map((r) => r.data)).toEqual(at([0, 10, 20, 30, 30, 50, 70, 90]).map((p) => Array.from(p.data)));
    expect(facts.interfaces).toHaveLength(2);
  });

  it('of different formats and link types', async () => {
    const ng = new Pcapng(true);
    const us = (milliseconds: number) => BigInt(T0) * 1_000_000n + BigInt(milliseconds) * 1000n;
    const option = [{ code: 1, value: text('hello') }];
    const pcapng = concat(
      ng.section(),
      ng.interface(101),
      ng.enhanced(us(5), payload(30), { options: option }),
      ng.enhanced(us(25), payload(30), { original: 77 }),
    );
    const sources = [source('x', [10, 20, 30], {}, { link: 113 }), new MemorySource('y', pcapng)];
    const { records } = await readSources(sources);
    expect(ms(records)).toEqual([0, 5, 15, 20, 25]);
    expect(records.map((r) => r.linkType)).toEqual([101, 113, 113, 101, 113]);
    expect(records.map((r) => r.comment)).toEqual(['hello', null, null, null, null]);
    expect(records[3].originalLength).toBe(77);
  });

  it('one of which is a pipe', async () => {
    for (const pipeFirst of [true, false]) {
      const pipe = source('-', pipeFirst ? [0, 10, 40] : [5, 10, 40], { rewinds: false, chunk: 30 });
      const { records } = await readSources([source('x', [1, 20, 60]), pipe]);
      expect(ms(records)).toEqual(pipeFirst ? [0, 1, 10, 20, 40, 60] : [0, 4, 9, 19, 39, 59]);
      expect(pipe.openNow).toBe(0);
    }
  });

  it('one of which is empty, and one no capture', async () => {
    const sources = [
      new MemorySource('header only', pcapHeader()),
      new MemorySource('nothing', new Uint8Array(0)),
      new MemorySource('words', text('these are words and nothing but words')),
      source('x', [7]),
    ];
    const { records, facts } = await readSources(sources);
    expect(records).toHaveLength(1);
    expect(facts.damages.map((d) => [d.file, d.fatal])).toEqual([
      ['nothing', true],
      ['words', true],
    ]);
  });

  it('none of which is a capture', async () => {
    const sources = [new MemorySource('a', new Uint8Array(0)), new MemorySource('b', text('words and more words'))];
    await expect(readSources(sources)).rejects.toThrow(/^a: the file is empty.*\nb: not a capture/);
    expect(sources.map((s) => s.openNow)).toEqual([0, 0]);
  });

  it('can be left in the middle', async () => {
    const sources = [source('x', [0, 30, 50, 70]), source('y', [10, 20, 30, 90]), source('z', [1000])];
    const { records } = await readSources(sources, 3);
    expect(ms(records)).toEqual([0, 10, 20]);
    expect(sources.map((s) => s.openNow)).toEqual([0, 0, 0]);
  });

  it('are all there, in order, whatever they are', async () => {
    const file = fc.record({
      times: fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 40 }).map((list) => list.sort((a, b) => a - b)),
      start: fc.integer({ min: 0, max: 3000 }),
      chunk: fc.integer({ min: 1, max: 3000 }),
      rewinds: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 2, maxLength: 5 }), async (files) => {
        const sources = files.map(({ times, start, chunk, rewinds }, i) => {
          const list = times.map((time) => time + start);
          return source(`${i}`, list, { chunk, rewinds });
        });
        const all = files.flatMap(({ times, start }) => times.map((time) => time + start)).sort((a, b) => a - b);
        const { records, facts } = await readSources(sources);
        expect(ms(records)).toEqual(all.map((time) => time - all[0]));
        expect(records.map((r) => r.number)).toEqual(all.map((_, i) => i + 1));
        expect(facts.damages).toEqual([]);
        expect(facts.files).toHaveLength(files.length);
        expect(sources.every((s) => s.openNow === 0)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
