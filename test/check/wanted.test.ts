import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { foundText } from '../../src/check/outcome.ts';
import { looseRules } from '../../src/check/rules/expressions.ts';
import { checkGithub } from '../../src/render/check-github.ts';
import { checkJunit } from '../../src/render/check-junit.ts';
import { checkMarkdown } from '../../src/render/check-markdown.ts';
import { checkSarif } from '../../src/render/check-sarif.ts';
import { checkTap } from '../../src/render/check-tap.ts';
import { checkTerminal } from '../../src/render/check-terminal.ts';
import { PLAIN } from '../../src/render/style.ts';
import { checkRules, expectOn, fixture, pcapOf, RESENT } from './support.ts';

/** By hand: 100 bytes of the client, sent twice; round trips of 20 ms; closed by both ends. */

async function told(condition: string, capture = RESENT): Promise<string[]> {
  const { outcome, cases } = await expectOn(capture, condition);
  expect(outcome).toBe('fail');
  return cases[0].found.map(foundText);
}

describe('what is told of a condition that is not so', () => {
  test.each([
    // Orders, with what is written on either side; negations ask for the opposite.
    ['rtt.max < 10ms', 'rtt.max is 20 ms, wanted < 10 ms'],
    ['rtt.max <= 10ms', 'rtt.max is 20 ms, wanted <= 10 ms'],
    ['rtt.max > 30ms', 'rtt.max is 20 ms, wanted > 30 ms'],
    ['30ms <= rtt.max', 'rtt.max is 20 ms, wanted >= 30 ms'],
    ['10ms > rtt.max', 'rtt.max is 20 ms, wanted < 10 ms'],
    ['not (rtt.max < 30ms)', 'rtt.max is 20 ms, wanted >= 30 ms'],
    ['not (rtt.max >= 10ms)', 'rtt.max is 20 ms, wanted < 10 ms'],
    ['not (10ms <= rtt.max)', 'rtt.max is 20 ms, wanted < 10 ms'],
    ['not not (rtt.max < 10ms)', 'rtt.max is 20 ms, wanted < 10 ms'],
    ['retransmissions.count == 0', 'retransmissions.count is 1, wanted 0'],
    ['retransmissions.count != 1', 'retransmissions.count is 1, wanted not 1'],
    ['not (retransmissions.count == 1)', 'retransmissions.count is 1, wanted not 1'],
    ['not (retransmissions.count != 0)', 'retransmissions.count is 1, wanted 0'],
    // The unit of the rule, and that of a computed limit.
    ['rtt.max < 0.01s', 'rtt.max is 0.02 s, wanted < 0.01 s'],
    ['rtt.max < 2 * 5ms', 'rtt.max is 20 ms, wanted < 10 ms'],
    ['client.retransmissions.count / 16 < 5%', 'client.retransmissions.count / 16 is 6.25%, wanted < 5%'],
    ['client.payload_bytes > 1kB', 'client.payload_bytes is 0.2 kB, wanted > 1 kB'],
    ['client.payload_bytes > 500', 'client.payload_bytes is 200 B, wanted > 500 B'],
    // A value that misses its limit by little does not look like it.
    ['rtt.max < 19.9999ms', 'rtt.max is 20 ms, wanted < 19.9999 ms'],
    ['rtt.max / 3 > 6.667ms', 'rtt.max / 3 is 6.66667 ms, wanted > 6.667 ms'],
    // Words, addresses, truth, what is not there.
    ['close == reset', 'close is fin, wanted reset'],
    ['server.ip == 10.1.0.0/16', 'server.ip is 10.0.0.2, wanted 10.1.0.0/16'],
    ['server.ip != 10.0.0.0/8', 'server.ip is 10.0.0.2, wanted not 10.0.0.0/8'],
    ['server.port in [443, 8443]', 'server.port is 80, wanted in [443, 8443]'],
    ['not (server.port in [80, 81])', 'server.port is 80, wanted not in [80, 81]'],
    ['not handshake.complete', 'handshake.complete is true, wanted false'],
    ['not has(client.options.wscale)', 'client.options.wscale is 7, wanted none'],
    ['client.options.wscale == null', 'client.options.wscale is 7, wanted none'],
    ['client.reached(CLOSING)', /^client\.states is .*TIME-WAIT, wanted CLOSING among them$/],
    ['not client.reached(TIME_WAIT)', /^client\.states is .*TIME-WAIT, wanted no TIME-WAIT$/],
    // What happens, and when.
    ['never(flags.fin)', /^flags\.fin is 2 times, first after 400 ms, wanted never$/],
    ['eventually(flags.fin, within: 100ms)', 'flags.fin is after 400 ms, wanted at least once within 100 ms'],
    ['eventually(flags.rst)', 'flags.rst is never, wanted at least once'],
    ['not eventually(flags.fin)', 'flags.fin is after 400 ms, wanted never'],
    [
      'followed_by(flags.syn, flags.fin, within: 10ms)',
      'flags.syn is after 0 s, flags.fin only after 400 ms, wanted followed by flags.fin within 10.0 ms',
    ],
  ])('%s', async (condition, expected) => {
    const found = await told(condition);
    expect(found).toHaveLength(1);
    if (typeof expected === 'string') expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });

  test.each([
    [
      'rtt.max < 10ms || retransmissions.count == 0',
      ['rtt.max is 20 ms, wanted < 10 ms', 'retransmissions.count is 1, wanted 0'],
    ],
    // Neither side is written out: the first is told what is wanted of it, the other what it is.
    [
      'client.payload_bytes < server.payload_bytes',
      ['client.payload_bytes is 200 B, wanted < server.payload_bytes', 'server.payload_bytes is 0 B'],
    ],
    ['before(flags.fin, flags.syn)', ['flags.fin is after 400 ms, wanted before flags.syn', 'flags.syn is after 0 s']],
    // The list, with how many decided, and the first of those.
    [
      'packets.all(x, x.payload < 50)',
      [/^packets is 2 of 9 not such, wanted all such: packet 4 .*; packet 5 /, 'x.payload is 100 B, wanted < 50 B'],
    ],
    [
      'packets.none(x, x.payload >= 100)',
      [/^packets is 2 of 9, wanted none: packet 4 .*; packet 5 /, 'x.payload is 100 B, wanted < 100 B'],
    ],
    ['packets.any(x, x.payload > 100)', ['packets is 9, none of them such, wanted at least one such']],
    ['not packets.all(x, x.payload < 500)', ['packets is 9, all of them such, wanted not all such']],
  ])('%s', async (condition, expected) => {
    const found = await told(condition);
    expect(found).toEqual(expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))));
  });

  test('an option that was not sent', async () => {
    const bare = pcapOf('0.00 > S seq 0 <mss 1460>\n0.02 < S. seq 0 ack 1 <mss 1460>\n0.02 > . ack 1');
    expect(await told('has(client.options.wscale)', bare)).toEqual(['client.options.wscale is none, wanted a value']);
  });

  test('which connections there are to be', async () => {
    const rules = looseRules({ expect: ['handshake.complete'], select: 'server.port == 80', expectFlows: '>= 2' });
    const { results } = await checkRules(RESENT, rules);
    expect(results[0].cases[0].found.map(foundText)).toEqual(['connections is 1, wanted >= 2']);
  });
});

describe('every form of the report says found and wanted, in the unit of the rule', async () => {
  const report = await checkRules(
    fixture('linux-single-loss-sack.pcap'),
    looseRules({ expect: ['p(99, rtt) < 30ms', 'client.goodput >= 1Gbit/s'] }),
  );
  // fixtures/README.md: a path of 40 ms. The figure itself is that of p(99, rtt), rounded.
  const said = /p\(99, rtt\) is 4[01]\.\d+ ms, wanted (<|&#60;) 30 ms \(packet/;
  const other = /client\.goodput is 0\.005\d* Gbit\/s, wanted (>|&#62;)= 1 Gbit\/s/;

  test.each([
    ['for people', checkTerminal(report, PLAIN)],
    ['JUnit', checkJunit(report)],
    ['TAP', checkTap(report)],
    ['SARIF', checkSarif(report, '1.2.3')],
    ['GitHub', checkGithub(report).replaceAll('%25', '%')],
    ['Markdown', checkMarkdown(report)],
  ])('%s', (_, text) => {
    expect(text).toMatch(said);
    expect(text).toMatch(other);
  });

  test('TAP and SARIF parse, and hold it as text', () => {
    const [block] = /^ {2}---\n[\s\S]*?^ {2}\.\.\.$/m.exec(checkTap(report))!;
    expect(parse(block.replace(/^ {2}(---|\.\.\.)$/gm, '')).found[0]).toMatch(said);
    expect(JSON.parse(checkSarif(report, '1')).runs[0].results[0].message.text).toMatch(said);
  });

  test('JSON has them apart', () => {
    expect(report.results[0].cases[0].found[0]).toMatchObject({
      text: 'p(99, rtt)',
      value: expect.stringMatching(/^4[01]\.\d+ ms$/),
      wanted: '< 30 ms',
    });
  });
});
