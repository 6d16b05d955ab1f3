import { describe, expect, it } from 'vitest';
import { FINDING_IDS } from '../../src/detect/catalogue.ts';
import type { Finding } from '../../src/model/finding.ts';
import { analyseScenario } from '../support/analyze.ts';
import { CASES, CLEAN, type Example } from './cases.ts';

function findingsOf({ text, options }: Example): Finding[] {
  const { analyzer } = analyseScenario(text, options);
  return [...analyzer.findings, ...analyzer.connections.flatMap((connection) => connection.findings)];
}

const only = (findings: readonly Finding[], id: string) => findings.filter((finding) => finding.id === id);
const IDS = FINDING_IDS.filter((id) => CASES[id].raises !== null);

describe('every finding', () => {
  it.each(IDS)('%s is raised once', (id) => {
    const raises = CASES[id].raises!;
    const all = findingsOf(raises);
    const found = only(all, id);
    expect(found, all.map((finding) => `${finding.id}: ${finding.text}`).join('\n')).toHaveLength(1);
    const [finding] = found;
    if (raises.frame !== undefined) expect(finding.frame).toBe(raises.frame);
    if (raises.severity !== undefined) expect(finding.severity).toBe(raises.severity);
    if (raises.says !== undefined) expect(finding.text).toMatch(raises.says);
    expect(finding.text).toMatch(/^[A-Z0-9].*\.$/);
    expect(finding.confidence).toBeGreaterThan(0);
    expect(finding.confidence).toBeLessThanOrEqual(1);
  });

  it.each(FINDING_IDS)('%s is not raised by what only looks like it', (id) => {
    const found = only(findingsOf(CASES[id].not), id);
    expect(found.map((finding) => finding.text)).toEqual([]);
  });

  it.each(IDS)('%s: packets tell only of what the report tells of', (id) => {
    const { analyzer, rows } = analyseScenario(CASES[id].raises!.text, CASES[id].raises!.options);
    for (const { connection, findings, view } of rows) {
      const listed = new Set([...analyzer.findings, ...connection.findings]);
      const withdrawn = findings.filter((finding) => !listed.has(finding)).map((finding) => finding.id);
      expect(withdrawn, `packet ${view.frame}`).toEqual([]);
    }
  });

  it.each(IDS)('%s: the first evidence is the frame that it is attached to, and its row carries it', (id) => {
    const { analyzer, rows } = analyseScenario(CASES[id].raises!.text, CASES[id].raises!.options);
    const [finding] = only(
      analyzer.connections.flatMap((connection) => connection.findings),
      id,
    );
    if (finding === undefined) return; // of the capture as a whole
    expect(finding.evidence.length === 0 || finding.evidence[0] === finding.frame).toBe(true);
    const carriers = rows.filter((row) => row.findings.some((f) => f.id === id));
    // An ICMP packet has no row of its own: the segment that it quotes carries what it says.
    const isQuoted = id.startsWith('icmp-');
    expect(
      carriers.every((row) => (isQuoted ? row.view.frame < finding.frame : row.view.frame === finding.frame)),
    ).toBe(true);
  });
});

it('finds nothing to warn of in a clean connection', () => {
  expect(findingsOf({ text: CLEAN }).filter((finding) => finding.severity !== 'info')).toEqual([]);
});

it('survives JSON, worded', () => {
  const [finding] = only(findingsOf(CASES['packet-loss'].raises!), 'packet-loss');
  const plain = JSON.parse(JSON.stringify(finding));
  expect(Object.keys(plain).sort()).toEqual(
    [
      'cause',
      'cite',
      'confidence',
      'evidence',
      'frame',
      'id',
      'more',
      'severity',
      'stream',
      'text',
      'time',
      'who',
    ].sort(),
  );
  expect(plain).toMatchObject({
    id: 'packet-loss',
    severity: 'warning',
    cite: 'RFC 5681 3.2',
    who: 'network',
    more: 0,
  });
});
