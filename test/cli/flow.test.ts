import { XMLValidator } from 'fast-xml-parser';
import mermaid from 'mermaid';
import { describe, expect, it } from 'vitest';
import { expectGolden, output, tcpscope } from './tcpscope.ts';

/** The diagrams of the documents that the project began with, each with what must be seen in it. */
const DIAGRAMS = [
  ['linux-echo', 'normal'],
  ['linux-simultaneous-open', 'simultaneous-open'],
  ['linux-simultaneous-close', 'simultaneous-close'],
  ['linux-half-close', 'half-close'],
  ['linux-reset', 'reset'],
  ['linux-syn-lost-backoff', 'backoff'],
  ['linux-single-loss-sack', 'loss'],
] as const;

const flow = (name: string, ...args: string[]) => output(['flow', `fixtures/${name}.pcap`, ...args]);

describe('tcpscope flow', () => {
  it.each(DIAGRAMS)('draws %s (%s)', (name, kind) => {
    expectGolden(`flow-${kind}.txt`, flow(name));
  });

  it('draws a refused connection, one of two', () => {
    const refused = flow('linux-refused', '--stream', '1');
    expectGolden('flow-refused.txt', refused);
    const { status, stderr } = tcpscope(['flow', 'fixtures/linux-refused.pcap']);
    expect(status).toBe(2);
    expect(stderr).toContain('choose one with --stream NUMBER');
    expect(flow('linux-refused', '-f', 'port 34808')).toBe(refused);
  });

  // RFC 9293 Figure 7: the SYN of line 2 arrives in line 4, after the other end's SYN has left.
  it('lets crossing packets arrive after the packet that they cross', () => {
    const lines = flow('linux-simultaneous-open').split('\n').slice(3, 6);
    const states = lines.map((line) => line.match(/[A-Z][A-Z-]+(?= │)|(?<=│ )[A-Z][A-Z-]+/g));
    expect(states).toEqual([
      ['SYN-SENT', 'CLOSED'],
      ['SYN-RECEIVED', 'SYN-SENT'],
      ['SYN-RECEIVED', 'SYN-RECEIVED'],
    ]);
    expect(lines[0]).toContain('· · ·│');
    expect(lines[2]).toContain('│ · · ·');
  });

  it.each([60, 80, 100, 140])('keeps to %i columns', (columns) => {
    for (const [name] of DIAGRAMS) {
      const text = output(['flow', `fixtures/${name}.pcap`], { env: { COLUMNS: String(columns) } });
      const width = Math.max(columns, 76);
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it('folds what is plain, and counts it', () => {
    const text = flow('linux-single-loss-sack');
    const folded = [...text.matchAll(/… (\d+) segments/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    const drawn = text.match(/^ *#\d+ /gm)!.length;
    expect(folded + drawn).toBe(203);
    expect(text).toMatch(/#43 .*✕/);
    expect(flow('linux-single-loss-sack', '--all').match(/^ *#\d+ /gm)).toHaveLength(203);
  });

  it.each(DIAGRAMS)('writes mermaid that mermaid accepts: %s', async (name) => {
    const text = flow(name, '--format', 'mermaid');
    expect(await mermaid.parse(text)).toMatchObject({ diagramType: 'sequence' });
    await expect(mermaid.parse(text.replace('->>', '->>>>'))).rejects.toThrow();
  });

  it.each(DIAGRAMS)('writes SVG that is XML: %s', (name, kind) => {
    const svg = flow(name, '--format', 'svg');
    expect(XMLValidator.validate(svg)).toBe(true);
    if (kind === 'simultaneous-close') expectGolden('flow-simultaneous-close.svg', svg);
  });

  it('says so where there is nothing to draw', () => {
    const { status, stderr } = tcpscope(['flow', '-'], {
      input: Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
    });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('there is no TCP connection') });
  });
});
