import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { objects, output, tcpscope } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the how-to pages promise, on captures of which fixtures/README.md says what happened in them. */
describe('the how-to pages find', () => {
  it('who made the download slow: a client that reads slowly', () => {
    const [answer] = JSON.parse(output(['--json', 'fixtures/linux-slow-reader.pcap'])).connections;
    const budget = answer.timeBudget;
    expect(JSON.stringify(budget)).toContain('receive-window');
    expect(output(['fixtures/linux-slow-reader.pcap'])).toContain("for room in the client's receive window");
  });

  it('who reset it: the server, with the last packet', () => {
    const resets = objects(['packets', '--ndjson', '--select', 'flags.rst', 'fixtures/linux-reset.pcap']);
    expect(resets.map(({ number, sender }) => [number, sender])).toEqual([[12, 'server']]);
  });

  it('a reset that somebody forged', () => {
    const text = output(['packets', '-q', '--min-severity', 'warning', 'fixtures/tshark-12-blind-reset.pcap']);
    expect(text.match(/blind-reset/g)).toHaveLength(1);
  });

  it('ports on which nobody listens: two attempts', () => {
    const lines = output(['-q', '--csv', '--select', 'close == refused', 'fixtures/linux-refused.pcap']).trimEnd();
    expect(lines.split('\n')).toHaveLength(2);
  });

  it('what a firewall that drops looks like: three lost SYNs, and not one cause only', () => {
    const text = output(['explain', 'fixtures/linux-syn-lost-backoff.pcap']);
    expect(text).toContain('had to send its SYN 4 times');
    expect(text.replace(/\s+/g, ' ')).toContain('dropped by a firewall, or by a full listen backlog');
    expect(text.replace(/\s+/g, ' ')).toContain('one of several possible causes');
  });

  it('a capture that lacks packets, and one that does not', () => {
    expect(output(['fixtures/tshark-17-capture-drop.pcap'])).toContain('Capture: with care');
    expect(output(['fixtures/linux-echo.pcap'])).toContain('Capture: good');
  });

  it('what changed: a loss where there was none, and slower handshakes', () => {
    const base = join(folder, 'base.json');
    writeFileSync(base, output(['baseline', 'save', 'fixtures/linux-echo.pcap']));
    const { status, stdout } = tcpscope(['baseline', 'compare', base, 'fixtures/linux-single-loss-sack.pcap']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^retransmissions\.count +0 +1 +worse$/m);
    expect(stdout).toMatch(/^handshake\.max +20\.5 ms +40\.4 ms +\+9[67] % +worse$/m);
    expect(stdout).toMatch(/^connections +1 +1 +=$/m);
    // How much there was to do is neither better nor worse.
    expect(stdout).toMatch(/^packets +14 +203 +× 1[45]$/m);
    const same = tcpscope(['baseline', 'compare', base, 'fixtures/linux-echo.pcap']).stdout;
    expect(same).not.toMatch(/better|worse/);
  });
});
