import { describe, expect, it } from 'vitest';
import { CAUSE_NAMES, KIND_NAMES } from '../../src/model/verdict.ts';
import { analyse } from '../support/analyze.ts';
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
