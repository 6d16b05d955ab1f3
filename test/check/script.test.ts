import { describe, expect, test } from 'vitest';
import { gatherFacts } from '../../src/check/check.ts';
import { ExpressionError } from '../../src/check/language/error.ts';
import { looseRules } from '../../src/check/rules/expressions.ts';
import { parseExpectedTrace } from '../../src/check/script/expected.ts';
import { exportScript } from '../../src/check/script/export.ts';
import { checkRules, closing, fixture, HANDSHAKE, pcapOf, sourceOf } from './support.ts';

const TRACE = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.050 < .   ack 101 win 255
  0.060 < P.  1:501(500) ack 101
  0.060 > .   ack 501 ${closing(101, 501, 0.4)}`);

/** What the first case says, or `pass`. */
async function say(capture: Uint8Array, text: string, tolerance?: string): Promise<string> {
  const script = tolerance === undefined ? { text } : { text, tolerance };
  const { outcome, results } = await checkRules(capture, looseRules({ scripts: [script] }));
  if (outcome === 'pass') return 'pass';
  const [{ found, reason }] = results[0].cases;
  return `${outcome}: ${reason === null ? '' : `${reason}; `}${found.map((item) => `${item.text} is ${item.value}`).join()}`;
}

describe('expected traces', () => {
  test.each([
    [
      'the handshake',
      '+0 > S 0:0(0) win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>\n+.02 < S. 0:0(0) ack 1 win 65160 <mss 1400,sackOK,wscale 8>\n+0 > . 1:1(0) ack 1 win 502',
    ],
    ['a part of the fields', '* > S\n* < S. ack 1\n* > .'],
    ['wildcards', '+0 > * ... <...>\n+0~+.05 < S. * ack * win * <mss *,...>'],
    ['times with units', '+0 > S\n+20ms < S.\n+0ms > .\n+10ms > P. 1:101(100)'],
    ['absolute times', '0 > S\n.02 < S.\n0.020 > .\n30ms > P.'],
    ['ranges of times', '+0 > S\n+10ms~+30ms < S.\n15ms~25ms > .'],
    ['gaps', '* > S\n...\n* > F. 101:101(0) ack 501\n...\n* > . * ack 502\nend'],
    ['a gap of nothing', '* > S\n...\n* < S.'],
    ['comments and blank lines', '// first\n* > S   // SYN\n\n# second\n* < S.'],
    ['times after a gap count from the line before it', '* > S\n...\n+60ms < P. 1:501(500)'],
  ])('%s', async (_, text) => {
    expect(await say(TRACE, text)).toBe('pass');
  });

  test.each([
    [
      '* > S\n* > .',
      'fail: line 2: * > . is packet 2: +0.02 < S. 0:0(0) ack 1 win 65160 <mss 1400,sackOK,wscale 8> (from the server, flags S., not .)',
    ],
    ['* > S 0:0(0) win 1000', 'win 64240, not 1000'],
    ['* > S <mss 1460>', 'wscale too, sackOK too'],
    ['* > S <TS val * ecr *,...>', 'no TS'],
    ['* > S <mss 1400,...>', 'mss 1460'],
    ['+0 > S\n+50ms < S.', 'after 20.0 ms, not 46.0 ms to 54.0 ms'],
    ['* > S\n* < S. ack 2', 'ack 1, not 2'],
    ['* > S\n...\n* > P. 1:51(50)', '100 bytes, not 50'],
    ['* > S\n...\n* < R', 'line 3: * < R'],
    ['* > S\nend', 'packet 2 follows'],
    ['...\n* > . * ack 502\n* > .', 'the connection has no further packet'],
  ])('%s', async (text, message) => {
    expect(await say(TRACE, text)).toContain(message);
  });

  test('tolerance, as a time and as a share', async () => {
    expect(await say(TRACE, '+0 > S\n+25ms < S.', '10ms')).toBe('pass');
    expect(await say(TRACE, '+0 > S\n+25ms < S.', '30%')).toBe('pass');
    expect(await say(TRACE, '+0 > S\n+25ms < S.', '1%')).toContain('after 20.0 ms');
  });

  test('a cut capture could have held the rest', async () => {
    const cut = TRACE.subarray(0, TRACE.length - 3);
    expect(await say(cut, '* > S\n* < S.')).toBe('pass');
    expect(await say(cut, '...\n* < R')).toMatch(/^inconclusive: the input is cut or damaged/);
  });

  test('copies that the capture made are passed over', async () => {
    const doubled = pcapOf(`${HANDSHAKE}\n  0.030 > P. 1:101(100) ack 1\n  0.030005 dup 4 ttl 63\n  0.050 < . ack 101`);
    expect(await say(doubled, '* > S\n* < S.\n* > .\n* > P.\n* < .\nend')).toBe('pass');
  });

  test.each([
    ['', 'expects nothing'],
    ['...', 'expects nothing'],
    ['0 socket(..., SOCK_STREAM) = 3', 'only packets are understood'],
    ['+0 > X', 'flags are the letters'],
    ['+0 > S 0:5(4)', 'are 5 bytes, not 4'],
    ['+0 > S <mss>', 'a number or * is missing'],
    ['+0 > S <mptcp 3>', 'options are'],
    ['+0~5 > S', 'a range of times is FROM~TO'],
    ['soon > S', 'expected a time'],
    ['+0 > S\nend\n+0 < S.', 'nothing stands after end'],
  ])('refused: %s', (text, message) => {
    expect(() => parseExpectedTrace(text, null)).toThrow(ExpressionError);
    expect(() => parseExpectedTrace(text, null)).toThrow(message);
  });

  // If each gap were tried at each length of those before it, this would not end.
  test('many gaps are decided', async () => {
    const text = `${'...\n* > .\n'.repeat(300)}...\n* < R`;
    expect(await say(fixture('linux-single-loss-sack.pcap'), text)).toMatch(/^fail/);
  });
});

describe('a connection exported as a script', () => {
  test('is written as packetdrill writes packets', async () => {
    const { flows } = await gatherFacts([sourceOf(TRACE)], true, true);
    expect(exportScript(flows[0], true).split('\n').slice(1, 6)).toEqual([
      '+0 > S 0:0(0) win 64240 <mss 1460,sackOK,wscale 7>',
      '+0.02 < S. 0:0(0) ack 1 win 65160 <mss 1400,sackOK,wscale 8>',
      '+0 > . 1:1(0) ack 1 win 502',
      '+0.01 > P. 1:101(100) ack 1 win 502',
      '+0.02 < . 1:1(0) ack 101 win 255',
    ]);
  });

  test.each([
    'linux-echo.pcap',
    'linux-half-close.pcap',
    'linux-simultaneous-close.pcap',
    'linux-single-loss-sack.pcap',
    'tshark-09-window-probe-accepted.pcap',
  ])('matches the capture that it was made from: %s', async (name) => {
    const capture = fixture(name);
    const { flows } = await gatherFacts([sourceOf(capture)], true, true);
    expect(await say(capture, exportScript(flows[0], true), '10us')).toBe('pass');
  });

  test('matches another run of the same exchange, and not another exchange', async () => {
    /** `clock`: where the clocks of the timestamps stand; other ISNs, ports and a millisecond more of delay. */
    const run = (clock: number, late: number, data: string, end = 101) =>
      pcapOf(
        `
        0.000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val ${clock} ecr 0,nop,wscale 7>
        0.02${late} < S.  seq 0 ack 1 win 65160 <mss 1400,sackOK,TS val ${2 * clock} ecr ${clock},nop,wscale 8>
        0.02${late} > .   ack 1 win 502 <nop,nop,TS val ${clock + 20} ecr ${2 * clock}>
        0.03${late} > P.  ${data} ack 1 win 502 <nop,nop,TS val ${clock + 30} ecr ${2 * clock}>
        0.05${late} < .   ack ${end} win 255 <nop,nop,TS val ${2 * clock + 30} ecr ${clock + 30}>`,
        { clientIsn: 7 * clock, serverIsn: 9 * clock, client: `10.0.0.1:${40000 + late}` },
      );
    const [one, two] = [run(1000, 0, '1:101(100)'), run(987_654, 1, '1:101(100)')];
    const scripts = await Promise.all(
      [one, two].map(async (pcap) => exportScript((await gatherFacts([sourceOf(pcap)], true, true)).flows[0], true)),
    );
    expect(scripts[0]).toContain('> S 0:0(0) win 64240 <mss 1460,sackOK,TS val * ecr 0,wscale 7>');
    expect(scripts[0]).toContain('ack 1 win 65160 <mss 1400,sackOK,TS val * ecr *,wscale 8>');
    for (const script of scripts) for (const pcap of [one, two]) expect(await say(pcap, script)).toBe('pass');
    expect(await say(run(1000, 0, '1:51(50)', 51), scripts[0])).toMatch(/^fail: line 5: .*\(50 bytes, not 100\)/);
    // What is told of a packet that does not match are its own values.
    expect(await say(run(1000, 0, '1:51(50)', 51), scripts[0])).toContain('TS val 1030 ecr 2000');
  });
});
