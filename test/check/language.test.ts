import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuantity } from '../../src/check/language/dimension.ts';
import { ExpressionError } from '../../src/check/language/error.ts';
import { contains, parseNetwork } from '../../src/check/language/network.ts';
import { Pattern } from '../../src/check/language/regex.ts';
import { rewrite } from '../../src/check/language/rewrite.ts';
import { MAX_EXPRESSION, parseSyntax } from '../../src/check/language/syntax.ts';
import { compileCondition } from '../../src/check/rules/expressions.ts';

function errorOf(source: string): { message: string; column: number } {
  try {
    compileCondition(source, 'flow');
  } catch (error) {
    if (error instanceof ExpressionError) return { message: error.message, column: error.at + 1 };
    throw error;
  }
  throw new Error(`no error: ${source}`);
}

describe('rewriting', () => {
  test.each([
    ['a < 50ms', 'a < __0'],
    ['a < 1% && b', 'a < __0 && b'],
    ['10 % 3 == 1', '10 % 3 == 1'],
    ['10%3 == 1', '10%3 == 1'],
    ['a in 10.0.0.0/8', 'a in __0'],
    ['a in 2001:db8::/32', 'a in __0'],
    ['a ? b : c', 'a ? b : c'],
    ['f(a ? 1 : 2, within: 2s)', 'f(a ? 1 : 2, {"within": __0})'],
    ['f(within: 2s, k: 1)', 'f({"within": __0, "k": 1})'],
    ['g(f(a, k: 1), 2)', 'g(f(a, {"k": 1}), 2)'],
    ['a == "50ms, within: 10.0.0.1"', 'a == "50ms, within: 10.0.0.1"'],
    ['x in [missing-in-capture, a-b]', 'x in ["missing-in-capture", a-b]'],
    ['a and not b or c.and', 'a && ! b || c.and'],
    ['rate(x) < 10MB/s', 'rate(x) < __0'],
    ['x / 2 < 5/s', 'x / 2 < __0'],
    ['a < 50 ms', 'a < __0'],
    ['a < 1 Mbit/s && b', 'a < __0 && b'],
    ['(a < 5 %) || b', '(a < __0) || b'],
    ['a < 5 %', 'a < __0'],
    ['a < 5% and b', 'a < __0 && b'],
    ['a < 5 % or b', 'a < __0 || b'],
    ['5 % order', '5 % order'],
    ['10 % -3', '10 % -3'],
    ['10 /s', '10 /s'],
    ['1 in b', '1 in b'],
    ['1 msx', '1 msx'],
  ])('%s', (source, text) => {
    expect(rewrite(source).text).toBe(text);
  });

  test('every character knows where it comes from', () => {
    const source = 'eventually(a < 50ms, within: 2s) && b';
    const { text, origins } = rewrite(source);
    expect(origins).toHaveLength(text.length + 1);
    expect(origins[text.indexOf('b')]).toBe(source.indexOf('b'));
    expect(origins[text.indexOf('within')]).toBe(source.indexOf('within'));
  });
});

describe('quantities', () => {
  // Nanoseconds, bytes, bytes per nanosecond.
  test.each([
    ['50ms', 50e6],
    ['1.5s', 1.5e9],
    ['2min', 120e9],
    ['1%', 0.01],
    ['1.5 s', 1.5e9],
    ['8 Mbit/s', 1e6 / 1e9],
    ['10MB', 10e6],
    ['1KiB', 1024],
    ['8Mbit/s', 1e6 / 1e9],
    ['8Mbps', 1e6 / 1e9],
    ['5', 5],
  ])('%s', (text, value) => {
    expect(parseQuantity(text)?.value).toBeCloseTo(value, 12);
  });

  test.each(['ms', '5 furlongs', '', '1e', '5msec'])('not a quantity: %s', (text) => {
    expect(parseQuantity(text)).toBeNull();
  });
});

describe('networks', () => {
  const has = (network: string, address: string) => {
    const { version, words } = parseNetwork(address)!;
    return contains(parseNetwork(network)!, version, words);
  };

  test.each([
    ['10.0.0.0/8', '10.255.1.2', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['0.0.0.0/0', '255.1.2.3', true],
    ['192.168.1.128/25', '192.168.1.127', false],
    ['192.168.1.128/25', '192.168.1.200', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::1', '::1', true],
    ['::ffff:10.0.0.1', '::ffff:a00:1', true],
    ['fe80::/10', 'febf::1', true],
    ['0.0.0.0/0', '::1', false],
  ])('%s holds %s: %s', (network, address, expected) => {
    expect(has(network, address)).toBe(expected);
  });

  test.each(['10.0.0/8', '256.0.0.1', '1.2.3.4/33', '::1/129', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9'])(
    'no network: %s',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});

describe('regular expressions', () => {
  const PARTS = ['a', 'b', '.', 'a*', 'b+', 'a?', '(ab|b)', '[ab]', '[^a]', '(a|b)*', 'a{2}', 'b{1,2}', 'a{0,}'];

  test('agree with those of JavaScript', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PARTS), { maxLength: 5 }),
        fc.stringMatching(/^[abc]{0,8}$/),
        fc.boolean(),
        (parts, text, anchored) => {
          const source = anchored ? `^${parts.join('')}$` : parts.join('');
          expect(new Pattern(source).test(text)).toBe(new RegExp(source).test(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['\\d+\\.\\d', 'v10.3', true],
    ['^\\w+$', 'a b', false],
    ['[a-f0-9]{4}', 'xbeefx', true],
    ['\\[x\\]', '[x]', true],
    ['^$', '', true],
    ['a|^b', 'xa', true],
  ])('%s on %s', (source, text, expected) => {
    expect(new Pattern(source).test(text)).toBe(expected);
  });

  test.each(['(', 'a)', '[a', '*a', '(?=a)', 'a{5,2}', 'a{1000}', '\\1', '((a{90}){90}){90}', 'x'.repeat(300)])(
    'refused: %s',
    (source) => {
      expect(() => new Pattern(source)).toThrow(ExpressionError);
    },
  );

  // With backtracking, neither would end.
  test('patterns that ruin backtracking are decided', () => {
    expect(new Pattern('^(a+)+$').test(`${'a'.repeat(5000)}b`)).toBe(false);
    expect(new Pattern('(a*)*(a*)*(a*)*c').test('a'.repeat(2000))).toBe(false);
  });
});

describe('errors say where and what instead', () => {
  test.each([
    ['retransmission.count == 0', 1, 'unknown name retransmission (did you mean retransmissions?)'],
    ['handshake.complet', 1, 'handshake has no complet (did you mean complete?)'],
    ['rtt.p95 < 50msec', 13, 'unknown unit msec (did you mean ms?)'],
    ['rtt.p95 < 50', 1, 'rtt.p95 is a time, 50 is a plain number: compare it with one such as 50ms'],
    ['rtt < 50ms', 1, 'rtt is a series'],
    ['retransmissions == 0', 1, '(did you mean its count?)'],
    ['client.state == "TIMEWAIT"', 17, 'client.state is never TIMEWAIT (did you mean TIME-WAIT?)'],
    ['client.state != TIMEWAIT', 17, 'client.state is never TIMEWAIT (did you mean TIME-WAIT?)'],
    ['close in [fin, closd]', 16, 'close is never closd'],
    ['reached(TIMEWAIT)', 9, 'no state is called TIMEWAIT (did you mean TIME-WAIT?)'],
    ['client.ip in 10.0.0.0/33', 14, '10.0.0.0/33 is no address or network'],
    ['client.ip in "10.0.0"', 14, '10.0.0 is no address'],
    ['anomalies.none(severity >= wrning)', 28, 'severity is never wrning (did you mean warning?)'],
    ['anomalies.none(except: [keepalive])', 25, 'no finding is called keepalive (did you mean keep-alive?)'],
    ['anomalies.none(excpt: [zero-window])', 23, 'takes no excpt: (did you mean except?)'],
    ['eventually(flags.fin, within: 2)', 31, 'within: is a time, such as 2s or 50ms'],
    ['eventualy(flags.fin)', 1, 'unknown function eventualy (did you mean eventually?)'],
    ['p(195, rtt) < 1s', 3, 'the percentile is a number from 0 to 100'],
    ['p(rtt) < 1s', 1, 'p(...) takes 2 arguments, not 1'],
    ['rtt.p95', 1, 'this is a time, not a condition: compare it, as in ... < 50ms'],
    ['rtt.p95 + 5 < 1s', 1, '+ needs two of a kind'],
    ['client.port && true', 1, 'a condition is expected here, this is a plain number'],
    ['handshake.complete > false', 1, 'true and false have no order'],
    ['conn_state < "S"', 1, 'which has no order here'],
    ['conn_state.matches("(a")', 23, 'in the pattern: a ) is missing'],
    ['a b', 3, "unexpected character: 'b'"],
    ['p(95', 5, ') is missing at the end'],
    ['client.port = 80', 13, 'unexpected = (equality is written ==)'],
    ['client.port ==', 15, 'the expression ends too early'],
    ['__0 == 1', 1, 'names do not begin with __'],
    ['{"a": 1} == null', 1, 'maps have no use here'],
    ['  ', 1, 'the expression is empty'],
  ])('%s', (source, column, message) => {
    const found = errorOf(source);
    expect(found.message).toContain(message);
    expect(found.column).toBe(column);
  });

  test('expressions about one connection have no meaning for the capture', () => {
    expect(() => compileCondition('never(flags.rst)', 'capture')).toThrow('speaks of one connection');
    expect(() => compileCondition('rtt.p95 < 5ms', 'capture')).toThrow('unknown name rtt');
  });
});

describe('bounds', () => {
  test('length and depth', () => {
    expect(() => parseSyntax(`true${' && true'.repeat(MAX_EXPRESSION)}`)).toThrow(ExpressionError);
    expect(() => parseSyntax(`${'('.repeat(500)}true${')'.repeat(500)}`)).toThrow(ExpressionError);
    expect(() => parseSyntax(`[${'1,'.repeat(900)}1].size() > 1`)).toThrow(ExpressionError);
  });

  test('whatever is written, the answer is a condition or an ExpressionError', () => {
    const tokens = [
      'client',
      '.',
      'state',
      '==',
      '"x"',
      '(',
      ')',
      '5ms',
      '1%',
      '10.0.0.1',
      'in',
      '[',
      ']',
      ',',
      'never',
      'within:',
      'rtt',
      '-',
      '!',
      '&&',
      '?',
      ':',
      '{',
      '}',
      '::1',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 12 }), (parts) => {
        try {
          compileCondition(parts.join(''), 'flow');
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('nothing of JavaScript is within reach', () => {
    for (const source of [
      'constructor == null',
      'client.constructor == null',
      '__proto__ == null',
      'client.__proto__ == null',
      'toString() == null',
      'flows.constructor("x")',
      'rtt.constructor == null',
    ]) {
      expect(() => compileCondition(source, 'flow')).toThrow(ExpressionError);
    }
  });
});
