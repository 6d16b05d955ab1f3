/** Captures that users brought, and what they have to be told: `shared/ux/README.md` says what really happened in them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/index.ts';

const BROUGHT = fileURLToPath(new URL('../../../shared/ux/', import.meta.url));
const read = (name: string) => analyze(`${BROUGHT}${name}`);

// Without the captures there is nothing to tell.
describe.skipIf(!existsSync(BROUGHT))('captures that users brought', () => {
  it('a path MTU black hole, seen at the client: a hole that is never filled, and how large what arrived was', async () => {
    const { summary, connections } = await read('mtu-client.pcap');
    const [gap] = connections[0].findings.filter(({ severity }) => severity !== 'info');
    expect(gap).toMatchObject({ id: 'gap-not-filled', severity: 'warning' });
    // Five segments of 1,448 bytes are lacking; the last of the answer has 952.
    expect(gap.text).toMatch(
      /lacks 7,240 bytes .* nothing showed that they came.*more than 952 bytes arrived, though the MSS allows 1,460/,
    );
    expect(summary.statements[0].text).toMatch(/nobody fills/);
  });

  it('and at the server: the size that never arrives, and one that does', async () => {
    const { summary, connections } = await read('mtu-server.pcap');
    const ids = connections[0].findings.map(({ id }) => id);
    expect(ids).toContain('path-mtu-black-hole');
    expect(ids).not.toContain('peer-unresponsive');
    const told = connections[0].findings.find(({ id }) => id === 'path-mtu-black-hole');
    expect(told?.text).toMatch(/1,448 bytes .* never arrive .* up to 952 bytes do/);
    expect(summary.statements[0].text).toMatch(/black hole/);
  });

  it.each(['slow-client.pcap', 'slow-server.pcap'])(
    'four slow transfers, %s: each has its own reason',
    async (name) => {
      const { summary, connections } = await read(name);
      const costs = summary.statements.flatMap(({ cost, kind, stream }) =>
        cost === null ? [] : [`${stream} ${kind}`],
      );
      // By their cost: 3 s and more, 2 s, 1.5 s, and what one lost packet in a hundred takes.
      expect(costs).toEqual(['3 client-window', '2 server-sending', '1 server-thinking', '0 recovery']);
      // 20 ms each way: nothing is repaired within less than a round trip, wherever the capture was made.
      const repairs = connections.flatMap(({ findings }) => findings).filter(({ id }) => id === 'packet-loss');
      expect(repairs.length).toBeGreaterThan(5);
      for (const { text } of repairs) {
        const [, amount, unit] =
          /repaired after (?:about )?([\d.]+) (\S+?)(?: \([\d.]+ \S+ of it estimated\))?\.?(?: And.*)?$/.exec(text)!;
        expect([unit, Number(amount) >= 40]).toEqual(['ms', true]);
      }
    },
  );
});
