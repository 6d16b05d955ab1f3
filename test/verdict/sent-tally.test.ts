import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { gatherFacts } from '../../src/check/check.ts';
import type { PacketFact } from '../../src/check/facts/packet-fact.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Fate, Kind, Verdict } from '../../src/model/verdict.ts';
import { SentTally } from '../../src/verdict/sent-tally.ts';
import { sourceOf } from '../check/support.ts';
import { analyse, analyseScenario } from '../support/analyze.ts';

const NOTHING = { retransmittedPackets: 0, retransmittedBytes: 0, lostPackets: 0, lostBytes: 0 };
const talliesOf = ({ client, server }: { client: Endpoint; server: Endpoint }) =>
  [client, server].map(({ outbound }) => ({ ...NOTHING, ...outbound?.tally }));

describe('what was sent again, and what was lost', () => {
  const OPEN = `
    0.000 > S   seq 0 win 9000 <mss 100,sackOK>
    0.020 < S.  seq 0 ack 1 win 9000 <mss 100,sackOK>
    0.020 > .   ack 1 win 9000`;
  /** Five segments of 100 bytes, of which the capture, at the client, sees all. */
  const FLIGHT = `${OPEN}
    0.030 > .   1:101(100) ack 1 win 9000
    0.031 > .   101:201(100) ack 1 win 9000
    0.032 > .   201:301(100) ack 1 win 9000
    0.033 > .   301:401(100) ack 1 win 9000
    0.034 > P.  401:501(100) ack 1 win 9000
    0.050 < .   ack 101 win 9000`;
  const tallyOf = (text: string) => talliesOf(analyseScenario(text).analyzer.connections[0]);

  it('is nothing where everything was answered', () => {
    expect(tallyOf(`${FLIGHT}\n0.060 < . ack 501 win 9000`)).toEqual([NOTHING, NOTHING]);
  });

  it('counts a copy that fast retransmission replaced (RFC 6675), with its bytes', () => {
    const text = `${FLIGHT}
      0.052 < .   ack 101 win 9000 <sack 201:301>
      0.053 < .   ack 101 win 9000 <sack 201:401>
      0.054 < .   ack 101 win 9000 <sack 201:501>
      0.055 > .   101:201(100) ack 1 win 9000
      0.075 < .   ack 501 win 9000`;
    const once = { retransmittedPackets: 1, retransmittedBytes: 100, lostPackets: 1, lostBytes: 100 };
    expect(tallyOf(text)).toEqual([once, NOTHING]);
  });

  it('counts a SYN that is sent again as a packet without data', () => {
    const text = `
      0.000 > S   seq 0 win 9000 <mss 100>
      1.000 > S   seq 0 win 9000 <mss 100>
      1.020 < S.  seq 0 ack 1 win 9000 <mss 100>
      1.020 > .   ack 1 win 9000`;
    expect(tallyOf(text)[0]).toMatchObject({ retransmittedPackets: 1, retransmittedBytes: 0, lostBytes: 0 });
  });

  it('follows a fate that later packets change', () => {
    const tally = new SentTally();
    const verdict = new Verdict();
    verdict.fate = Fate.LOST;
    tally.note(verdict, 70, true);
    expect(tally).toMatchObject({ lostPackets: 1, lostBytes: 70 });
    verdict.fate = Fate.LOST;
    expect(tally).toMatchObject({ lostPackets: 1, lostBytes: 70 });
    verdict.fate = Fate.UNKNOWN;
    expect(tally).toMatchObject({ lostPackets: 0, lostBytes: 0 });
    verdict.fate = Fate.DELIVERED;
    expect(tally).toMatchObject({ lostPackets: 0, lostBytes: 0 });
    verdict.fate = Fate.LOST;
    expect(tally).toMatchObject({ lostPackets: 1, lostBytes: 70 });
  });

  it.each([
    [Kind.DUPLICATE, true],
    [Kind.KEEP_ALIVE, true],
    [Kind.WINDOW_PROBE, true],
    [Kind.ACK, false],
  ])('takes kind %i (sequence space: %s) for no loss', (kind, takesSpace) => {
    const tally = new SentTally();
    const verdict = new Verdict();
    verdict.kind = kind;
    tally.note(verdict, 1, takesSpace);
    verdict.fate = Fate.LOST;
    expect(tally).toMatchObject(NOTHING);
  });
});

const FOLDER = new URL('../../fixtures/', import.meta.url);
const CAPTURES = readdirSync(FOLDER).filter((name) => /\.(pcap|pcapng)$/.test(name));

describe('the report and the rules of check count the same', () => {
  it.each(CAPTURES)('%s', async (name) => {
    const bytes = readFileSync(new URL(name, FOLDER));
    const bytesOf = (packets: readonly PacketFact[]) => packets.reduce((sum, { payload }) => sum + payload, 0);
    const { flows } = await gatherFacts([sourceOf(bytes)], true, true);
    const expected = flows.map(({ client, server }) =>
      [client, server].map(({ retransmissions, lost }) => ({
        retransmittedPackets: retransmissions.length,
        retransmittedBytes: bytesOf(retransmissions),
        lostPackets: lost.length,
        lostBytes: bytesOf(lost),
      })),
    );
    expect(analyse(bytes).analyzer.connections.map(talliesOf)).toEqual(expected);
  });

  it.each(CAPTURES)('%s, without a row for each packet', (name) => {
    const bytes = readFileSync(new URL(name, FOLDER));
    const withRows = analyse(bytes).analyzer.connections.map(talliesOf);
    const analyzer = new Analyzer();
    const reader = new CaptureReader(analyzer);
    reader.open(name);
    reader.write(bytes);
    reader.end();
    analyzer.end();
    expect(analyzer.connections.map(talliesOf)).toEqual(withRows);
  });
});
