import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { type CaptureInterface, emptyCaptureFacts } from '../../src/model/capture-facts.ts';
import type { Finding } from '../../src/model/finding.ts';
import { scenario } from '../support/scenario.ts';
import { CLEAN, PLAIN } from './cases.ts';

function described(fields: Partial<CaptureInterface>): CaptureInterface {
  return {
    linkType: 1,
    snaplen: 262144,
    name: 'eth0',
    description: null,
    timeResolution: '1e-6',
    received: null,
    dropped: null,
    ...fields,
  };
}

function findings(text: string, fields: Partial<CaptureInterface>): Finding[] {
  const analyzer = new Analyzer();
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(scenario({}, text).pcap);
  reader.end();
  analyzer.end({ ...emptyCaptureFacts(), interfaces: [described(fields)] });
  return [...analyzer.findings];
}

const textsOf = (all: Finding[], id: string) =>
  all.filter((finding) => finding.id === id).map((finding) => finding.text);

it('reports the drops that the capture counted itself', () => {
  const all = findings(CLEAN, { received: 1000, dropped: 37 });
  expect(textsOf(all, 'capture-drop')).toEqual(['By its own count the capture on eth0 dropped 37 packets of 1,000.']);
});

it('reports no drops where there were none or where nothing is said', () => {
  expect(textsOf(findings(CLEAN, { received: 1000, dropped: 0 }), 'capture-drop')).toEqual([]);
  expect(textsOf(findings(CLEAN, {}), 'capture-drop')).toEqual([]);
});

it('names the snapshot length where all interfaces have the same', () => {
  const all = findings(`${PLAIN}\n0.03 > P. 1:501(500) ack 1 snap 96\n0.05 < . ack 501`, { snaplen: 96 });
  expect(textsOf(all, 'snaplen-cut')).toEqual([
    '1 packet of 5 (20 %) is cut at 96 bytes: their checksums cannot be verified and their content is not there.',
  ]);
});
