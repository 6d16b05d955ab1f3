import { describe, expect, it } from 'vitest';
import { FINDING_IDS, type FindingId } from '../../src/detect/catalogue.ts';
import type { Finding } from '../../src/model/finding.ts';
import { analyseScenario, analyseWithoutRows } from '../support/analyze.ts';
import { findingsIn } from '../support/findings.ts';
import { scenario } from '../support/scenario.ts';
import { CASES, CLEAN, type Example } from './cases.ts';

const findingsOf = ({ text, options }: Example) => findingsIn(text, options);

/** How sure the examples are: the scale stands in docs/findings.md. Whatever is not here the packets show by themselves. */
const UNSURE: Partial<Record<FindingId, number>> = Object.fromEntries(
  Object.entries({
    // Nothing but damage or a forgery looks alike.
    0.95: `missing-in-capture capture-duplicate capture-misordered checksum-offload payload-conflict keep-alive-failure
      connection-refused isn-constant isn-predictable icmp-unreachable icmp-too-big icmp-other`,
    // What looks alike is rare.
    0.9: `capture-filtered invented-times ack-before-data capture-position offload-segments corrupted-segment packet-loss
      retransmission-timeout spurious-retransmission path-mtu-retransmission retransmission peer-unresponsive
      reordering window-update-lost window-shrunk stretch-acks challenge-ack initial-window-exceeded window-growth-too-fast
      syn-retransmission syn-ack-retransmission syn-unanswered syn-flood port-scan host-sweep simultaneous-open
      split-handshake mss-missing no-window-scaling no-sack no-timestamps connection-aborted reset-after-fin data-after-fin
      port-reused injected-segment`,
    0.85: `capture-edited data-beyond-window silly-window syn-answered-by-ack forged-reset timestamps-backwards
      sack-outside-window sack-reneging`,
    // Something less usual looks alike.
    0.8: `capture-joined clock-step timeout-too-short path-mtu-black-hole small-segments delayed-acks ack-of-unsent-data
      burst-after-timeout loss-without-reduction handshake-reset half-open time-wait-assassination close-wait-stuck
      timestamps-missing illegal-transition blind-syn tail-loss`,
    // More likely than anything else; it rests on one sign, or on something that did not come once.
    0.7: `gap-not-filled network-duplicate standing-queue peer-forgot blind-reset fin-unanswered idle-close
      port-reused-early`,
    0.6: 'rate-policed rate-shaped out-of-order-discarded ecn-refused',
  }).flatMap(([confidence, ids]) => ids.split(/\s+/).map((id) => [id, Number(confidence)])),
);

const only = (findings: readonly Finding[], id: string) => findings.filter((finding) => finding.id === id);
const IDS = FINDING_IDS.filter((id) => CASES[id].raises !== null);

describe('every finding', () => {
  it.each(IDS)('%s is raised once, and its row tells of it', (id) => {
    const raises = CASES[id].raises!;
    const { analyzer, rows } = analyseScenario(raises.text, raises.options);
    const ofConnections = analyzer.connections.flatMap(({ findings }) => findings);
    const all = [...analyzer.findings, ...ofConnections];
    const found = only(all, id);
    expect(found, all.map((finding) => `${finding.id}: ${finding.text}`).join('\n')).toHaveLength(1);
    const [finding] = found;
    if (raises.frame !== undefined) expect(finding.frame).toBe(raises.frame);
    if (raises.severity !== undefined) expect(finding.severity).toBe(raises.severity);
    if (raises.says !== undefined) expect(finding.text).toMatch(raises.says);
    expect(finding.text).toMatch(/^[A-Z0-9].*\.$/);
    expect(finding.confidence).toBe(UNSURE[id] ?? 1);

    // Packets tell only of what the report tells of.
    const listed = new Set(all);
    for (const { findings, view } of rows) {
      const withdrawn = findings.filter((other) => !listed.has(other)).map((other) => other.id);
      expect(withdrawn, `packet ${view.frame}`).toEqual([]);
    }

    if (!ofConnections.includes(finding)) return; // of the capture as a whole
    expect(finding.evidence.length === 0 || finding.evidence[0] === finding.frame).toBe(true);
    const carriers = rows.filter((row) => row.findings.some((other) => other.id === id));
    // An ICMP packet has no row of its own: the segment that it quotes carries what it says.
    const isQuoted = id.startsWith('icmp-');
    expect(
      carriers.every((row) => (isQuoted ? row.view.frame < finding.frame : row.view.frame === finding.frame)),
    ).toBe(true);
  });

  it.each(IDS)('%s is raised as well where no rows are kept, and plain segments go the short way', (id) => {
    const raises = CASES[id].raises!;
    const { findings, connections } = analyseWithoutRows(scenario(raises.options ?? {}, raises.text).pcap);
    const found = only([...findings, ...connections.flatMap(({ findings }) => findings)], id);
    const told = (some: readonly Finding[]) => some.map(({ frame, text }) => [frame, text]);
    expect(told(found)).toEqual(told(only(findingsOf(raises), id)));
    expect(found).toHaveLength(1);
  });

  it.each(FINDING_IDS)('%s is not raised by what only looks like it', (id) => {
    const found = only(findingsOf(CASES[id].not), id);
    expect(found.map((finding) => finding.text)).toEqual([]);
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
