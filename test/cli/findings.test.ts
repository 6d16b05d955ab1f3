import { describe, expect, it } from 'vitest';
import { FINDING_IDS, PAGES } from '../../src/detect/catalogue.ts';
import { tcpscope } from './tcpscope.ts';

describe('tcpscope findings', () => {
  it('lists every finding', () => {
    const { status, stdout, stderr } = tcpscope(['findings']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const id of FINDING_IDS) expect(stdout).toContain(`\n  ${id} `);
  });

  it('prints the page about one', () => {
    const { status, stdout } = tcpscope(['findings', 'zero-window']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^zero-window: The receiver closed its window\n/);
    expect(stdout).toContain('RFC 9293 3.8.6.1');
    expect(stdout.replace(/\s+/g, ' ')).toContain(PAGES['zero-window'].meaning);
  });

  it('prints them for programs', () => {
    const all = JSON.parse(tcpscope(['findings', '--json']).stdout);
    expect(all.map(({ id }: { id: string }) => id)).toEqual(FINDING_IDS);
    const one = JSON.parse(tcpscope(['findings', 'zero-window', '--json']).stdout);
    expect(one).toEqual(all.find(({ id }: { id: string }) => id === 'zero-window'));
    expect(one).toMatchObject({ severity: 'warning', cite: 'RFC 9293 3.8.6.1', who: 'application' });
  });

  it("knows Wireshark's flags", () => {
    const { status, stdout } = tcpscope(['findings', 'tcp.analysis.lost_segment']);
    expect(status).toBe(0);
    expect(stdout).toContain('docs/wireshark.md');
    expect(stdout).toMatch(/^ {2}missing-in-capture /m);
    expect(stdout).not.toContain('ack-of-unsent-data');
    expect(tcpscope(['findings', 'tcp.analysis.lost_segmen']).stderr).toContain(
      'did you mean tcp.analysis.lost_segment?',
    );
  });

  it('suggests what was meant', () => {
    const { status, stdout, stderr } = tcpscope(['findings', 'zero-windw']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('no finding is called zero-windw; did you mean zero-window?');
  });

  it('says which commands show what is in a capture', () => {
    const { status, stderr } = tcpscope(['findings', 'package.json']);
    expect(status).toBe(2);
    expect(stderr).toContain('package.json is a file. To see what is in a capture: tcpscope FILE --all');
  });

  it('suggests nothing where nothing is near', () => {
    const { status, stderr } = tcpscope(['findings', 'quux']);
    expect(status).toBe(2);
    expect(stderr).toContain('no finding is called quux (tcpscope findings lists them all)');
  });
});
