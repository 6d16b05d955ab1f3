import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { expectGolden, output, tcpscope } from './tcpscope.ts';

describe('tcpscope diagram', () => {
  it('draws the figure alone', () => {
    expectGolden('diagram.txt', output(['diagram']));
    expect(XMLValidator.validate(output(['diagram', '--format', 'svg']))).toBe(true);
  });

  // RFC 9293 Figure 13: FIN-WAIT-1, CLOSING and TIME-WAIT at both ends.
  it('shows both paths of a simultaneous close', () => {
    const text = output(['diagram', 'fixtures/linux-simultaneous-close.pcap']);
    expectGolden('diagram-simultaneous-close.txt', text);
    expect(text).toMatch(
      /client .*: CLOSED → SYN-SENT .* → ESTABLISHED .*\n? *→ FIN-WAIT-1 .* → CLOSING .* → TIME-WAIT/,
    );
    const svg = output(['diagram', 'fixtures/linux-simultaneous-close.pcap', '--format', 'svg']);
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).toContain('client: CLOSED, SYN-SENT, ESTABLISHED, FIN-WAIT-1, CLOSING, TIME-WAIT');
  });

  it('says of a reset that the figure has no arrow for it', () => {
    expect(output(['diagram', 'fixtures/linux-reset.pcap'])).toMatch(
      /CLOSED 0\.081036 #12 \([^)]*not in the\s+figure\)/,
    );
  });

  it('takes one connection', () => {
    const { status, stderr } = tcpscope(['diagram', 'fixtures/linux-refused.pcap']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('choose one with --stream') });
  });
});
