import { describe, expect, it } from 'vitest';
import { objects, output, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';
const MANY = 'fixtures/linux-refused.pcap';
const packets = objects(['packets', '--ndjson', '--fields', 'number,timestamp', LOSS]) as {
  number: number;
  timestamp: string;
}[];
/** Packets 98 to 101, both included. */
const WINDOW = ['--since', packets[97].timestamp, '--until', packets[100].timestamp];

/** Numbers of packets that a text names as `#98`. */
const named = (text: string) => [...text.matchAll(/^ *#(\d+) /gm)].map(([, number]) => Number(number));

describe('--since and --until of one connection', () => {
  it('leave a part of the sequence diagram, with the states before it', () => {
    const text = output(['flow', LOSS, '--all', ...WINDOW]);
    expect(named(text)).toEqual([98, 99, 100, 101]);
    // The whole connection has it in SYN-SENT and LISTEN before.
    expect(text.split('\n')[2]).toMatch(/^ *ESTABLISHED │ +│ ESTABLISHED$/);
  });

  it('leave packets of the walk, each told by what came before', () => {
    const part = output(['explain', '--full', LOSS, ...WINDOW]);
    expect(named(part)).toEqual([98, 99, 100, 101]);
    expect(output(['explain', '--full', LOSS])).toContain(part.trimEnd());
  });

  it('leave the points of a graph', () => {
    for (const type of ['sequence', 'window', 'congestion', 'rtt']) {
      const lines = (args: readonly string[]) => output(['graph', LOSS, '--type', type, '--csv', ...args]).split('\n');
      const [head, ...whole] = lines([]);
      const [same, ...part] = lines(WINDOW);
      expect(same).toBe(head);
      expect(part.length, type).toBeGreaterThan(1);
      expect(part.length, type).toBeLessThan(whole.length);
      // A band is cut where the time ends.
      for (const line of part.filter((one) => !one.startsWith('band '))) expect(whole, type).toContain(line);
    }
  });

  it('leave what was delivered then', () => {
    const chunks = (args: readonly string[]) =>
      objects(['follow', LOSS, '--as', 'ndjson', ...args]).filter(({ type }) => type === 'chunk');
    // Of packets 43 to 46, the third is an ACK of the other end.
    const window = ['--since', packets[42].timestamp, '--until', packets[45].timestamp];
    const part = chunks(window);
    expect(part.map(({ frames }) => frames)).toEqual([[43], [44], [46]]);
    const whole = chunks([]);
    expect(part.length).toBeLessThan(whole.length);
    for (const one of part) expect(whole).toContainEqual(one);
  });

  it('choose the connection, of a file that can be read twice', () => {
    const [, second] = objects(['packets', '--ndjson', '--fields', 'timestamp,stream', MANY]).filter(
      ({ stream }, i, all) => all.findIndex((other) => other.stream === stream) === i,
    );
    const text = output(['flow', MANY, '--since', String(second.timestamp)]);
    expect(named(text)).toEqual([3, 4]);
    const { status, stderr } = tcpscope(['flow', MANY]);
    expect(status).toBe(2);
    expect(stderr).toContain('choose one with --stream');
  });

  it('go together with --stream, where -f does not', () => {
    expect(named(output(['flow', MANY, '--stream', '1', '--since', '0']))).toEqual([3, 4]);
    expect(tcpscope(['flow', MANY, '--stream', '1', '-f', 'port 1']).stderr).toContain('both choose the connection');
  });

  it('say what the capture spans where nothing is left', () => {
    const { stdout, stderr } = tcpscope(['flow', MANY, '--stream', '1', '--until', '1us']);
    expect(stdout).toBe('');
    expect(stderr).toContain('no packet of stream 1 is selected: the capture spans');
  });

  it.each([['explain'], ['explain', '--packet', '5']])('are refused where the whole is told: %s', (...args) => {
    const { status, stderr } = tcpscope([...args, LOSS, '--since', '1']);
    expect(status).toBe(2);
    expect(stderr).toContain('--since and --until go with --full');
  });

  it.each(['diagram', 'script'])('are refused by %s, with what shows a part', (name) => {
    const { status, stderr } = tcpscope([name, LOSS, '--since', '1']);
    expect(status).toBe(2);
    expect(stderr).toContain('flow, graph, follow and explain --full');
  });
});
