import { describe, expect, it } from 'vitest';
import { type LiveView, liveScreen } from '../../src/render/live-view.ts';
import { PLAIN } from '../../src/render/style.ts';
import { textWidth } from '../../src/render/text.ts';
import { analyseScenario } from '../support/analyze.ts';

/** Two connections: one that was refused, and one of addresses of full length. */
const { analyzer } = analyseScenario(
  `0.000 > S seq 0 win 65535 <mss 1460> conn short
   0.020 < R. seq 0 ack 1 win 0 conn short
   0.100 > S seq 0 win 65535 <mss 1460> conn long
   0.120 < S. seq 0 ack 1 win 65535 <mss 1460> conn long
   0.120 > . ack 1 conn long`,
  {
    connections: {
      short: { client: '10.0.0.1:1', server: '10.0.0.2:80' },
      long: { client: '192.168.100.101:50123', server: '192.168.200.202:65535' },
    },
  },
);

function screen(width: number, most = 2): string[] {
  const rows = analyzer.connections.slice(0, most).map((connection) => ({ connection, bitsPerSecond: 999e6 }));
  const figures = { packets: 5, open: 1, ended: 1, packetsPerSecond: 2, bitsPerSecond: 999e6 };
  const view: LiveView = {
    ...{ figures, rows, findings: [], order: 'trouble', filter: null },
    ...{ isTyping: false, isPaused: false, chosen: 0, opened: null },
  };
  return liveScreen(view, width, 24, PLAIN);
}

describe('the screen of live', () => {
  it.each([76, 80, 100, 120, 200])(
    'shows of %i columns what state each connection is in, and how to get out',
    (width) => {
      const lines = screen(width);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      const head = lines.find((line) => line.includes(' client '))!;
      const at = (column: string) => head.indexOf(column);
      const long = lines.find((line) => line.includes('192.168.100.101:50123'))!;
      expect(long.slice(at('client'), at('server')).trim()).toBe('192.168.100.101:50123');
      expect(long.slice(at('state'))).toBe('still open');
      const refused = lines.find((line) => line.includes('10.0.0.1:1'))!;
      expect(refused).toContain('> 0  ');
      expect(refused.slice(at('state'))).toMatch(/^refused, connectio/);
      expect(lines.at(-1)).toContain('q quit');
    },
  );

  it('shows more figures where there is more room, and all of them at last', () => {
    const heads = (width: number) =>
      screen(width, 1)
        .find((line) => line.includes(' client '))!
        .trim()
        .split(/ +/);
    expect(heads(80)).toEqual(['st', 'client', 'server', 'rate', 'state']);
    expect(heads(90)).toEqual(['st', 'client', 'server', 'rate', 'time', 'state']);
    expect(heads(120)).toEqual(['st', 'client', 'server', 'rate', 'bytes', 'time', 'lost', 'state']);
  });
});
