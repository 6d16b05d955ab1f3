import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Phase } from '../../src/model/congestion.ts';
import { CAUSE_NAMES, KIND_NAMES } from '../../src/model/verdict.ts';
import { connectionReport } from '../../src/report/connection.ts';
import { analyse, statesAfter, verdictText } from '../support/analyze.ts';
import { build, WIRESHARK_CASES } from '../support/wireshark-cases.ts';

/** Captures that tshark misjudges; the true verdicts stand in the cases, with the reason of each. */
describe.each(WIRESHARK_CASES)('$name: $title', (wiresharkCase) => {
  it('has the true verdict on every frame', () => {
    const { capture, verdicts } = build(wiresharkCase);
    const { rows } = analyse(capture.pcap);
    const said = rows.map((row) => ({
      frame: row.view.frame,
      kind: KIND_NAMES[row.verdict!.kind],
      cause: CAUSE_NAMES[row.verdict!.cause],
      spurious: row.verdict!.spurious,
    }));
    expect(said).toEqual(verdicts);
  });
});

describe('the list of weaknesses', () => {
  it('is covered whole: 19 is of what tshark never says, not of a packet that it misjudges', () => {
    const rows = new Set(WIRESHARK_CASES.map(({ row }) => row));
    expect(Array.from({ length: 20 }, (_, i) => i + 1).filter((row) => !rows.has(row))).toEqual([19]);
  });

  it('19: states, episodes of recovery, congestion windows and what limited the sender', () => {
    const capture = readFileSync(new URL('../../fixtures/linux-single-loss-sack.pcap', import.meta.url));
    const { analyzer, rows } = analyse(capture);
    const again = rows[99];
    expect(verdictText(again)).toBe('retransmission fast');
    expect(statesAfter(again)).toBe('ESTABLISHED ESTABLISHED');
    expect(again.congestion[again.sender.index]).toMatchObject({ phase: Phase.FAST_RECOVERY });
    const [connection] = analyzer.connections;
    expect(connection.findings.map(({ id }) => id).sort()).toEqual(['duplicate-acks', 'packet-loss']);
    const { congestion } = connectionReport(connection, 0n);
    expect(congestion!.client!.episodes).toMatchObject([{ trigger: 'fast-retransmit', startPacket: 100 }]);
    expect(congestion!.client!.limits.shares[0]).toMatchObject({ owner: 'network', cause: 'congestion-window' });
  });
});
