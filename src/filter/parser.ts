import { ACCESSIBLE, access, accessIcmp, compare, type Numeric, operate, type Run } from './arithmetic.ts';
import { identify, type Qualifiers } from './identifiers.ts';
import { isKeyword, LINK_NAMES, TYPES, UNSUPPORTED } from './keywords.ts';
import type { Token } from './lexer.ts';
import { CONSTANTS, ETHER_PROTOCOLS, IP_PROTOCOLS } from './names.ts';
import type { Direction, Predicate } from './primitives.ts';
import * as is from './primitives.ts';
import { parseSpecial, refuseUnsupported } from './special.ts';
import { TokenStream } from './token-stream.ts';

/** A finished condition. */
interface Test {
  kind: 'test';
  test: Predicate;
  /** What a bare address after it repeats; null after a primitive without qualifiers. */
  qualifiers: Qualifiers | null;
}

/** Part of a comparison, or a bare number that will be taken for a port or a network. */
interface Sum {
  kind: 'number';
  value: Numeric;
  constant: number | null;
  /** All protocols whose octets are read are there: without them the comparison is false. */
  guard: Predicate | null;
  /** The token when it is nothing but a literal. */
  literal: Token | null;
  at: number;
}

type Node = Test | Sum;

const RELATIONS = ['<', '>', '<=', '>=', '=', '==', '!='];
/** Precedence as in C. `%` and `^` have none in libpcap's grammar: see `parseSum`. */
const PRECEDENCE: Record<string, number> = { '|': 1, '&': 2, '<<': 3, '>>': 3, '+': 4, '-': 4, '*': 5, '/': 5 };

const TIGHTEST = 6;

/** Parses an expression of pcap-filter(7). A UsageError says where it is wrong and what was expected. */
export function parseFilter(source: string, run: Run): Predicate {
  return new Parser(source, run).parse();
}

/** Recursive descent over pcap-filter(7): conditions and sums share one descent, so that a parenthesis may hold either. */
class Parser {
  readonly #tokens: TokenStream;
  readonly #run: Run;

  constructor(source: string, run: Run) {
    this.#tokens = new TokenStream(source);
    this.#run = run;
  }

  parse(): Predicate {
    if (this.#tokens.peek().kind === 'end') return () => true;
    const { test } = this.#asTest(this.#parseConditions(null), null);
    const rest = this.#tokens.peek();
    if (rest.kind !== 'end') throw this.#tokens.expected(`'and', 'or' or the end`, rest);
    return test;
  }

  // Conditions.

  /** `and` and `or` bind equally and to the left. A lone sum is handed back for the parenthesis around it. */
  #parseConditions(inherited: Qualifiers | null): Node {
    return this.#tokens.deeper(() => {
      const first = this.#parseCondition(inherited);
      if (!this.#isConjunction()) return first;
      let last = this.#asTest(first, inherited);
      const tests = [last.test];
      const isAnd: boolean[] = [true];
      while (this.#isConjunction()) {
        isAnd.push(this.#tokens.takeIf('and', '&&'));
        if (!isAnd[isAnd.length - 1]) this.#tokens.skip();
        last = this.#asTest(this.#parseCondition(last.qualifiers), last.qualifiers);
        tests.push(last.test);
      }
      return { kind: 'test', test: chain(tests, isAnd), qualifiers: last.qualifiers };
    });
  }

  #isConjunction(): boolean {
    return ['and', '&&', 'or', '||'].some((word) => this.#tokens.isAt(word));
  }

  #parseCondition(inherited: Qualifiers | null): Node {
    let negations = 0;
    while (this.#tokens.takeIf('not', '!')) negations++;
    const node = this.#parseRelation(inherited);
    if (negations === 0) return node;
    const { test, qualifiers } = this.#asTest(node, inherited);
    return { kind: 'test', test: negations % 2 === 1 ? is.not(test) : test, qualifiers };
  }

  #parseRelation(inherited: Qualifiers | null): Node {
    const left = this.#parseSum(0, inherited);
    const operator = this.#tokens.peek();
    if (!RELATIONS.includes(operator.text)) return left;
    const a = this.#asSum(left, operator);
    this.#tokens.skip();
    const b = this.#asSum(this.#parseSum(0, null), this.#tokens.peek());
    const test = compare(operator.text, a.value, b.value);
    return { kind: 'test', test: guarded(a.guard, guarded(b.guard, test)), qualifiers: null };
  }

  #asTest(node: Node, inherited: Qualifiers | null): Test {
    if (node.kind === 'test') return node;
    if (node.literal !== null && inherited !== null) {
      return { kind: 'test', test: identify(this.#tokens, node.literal, inherited), qualifiers: inherited };
    }
    if (node.literal !== null) {
      throw this.#tokens.error(
        node.at,
        `expected a primitive such as 'port ${node.literal.text}', found a bare number`,
      );
    }
    throw this.#tokens.expected('a comparison (= != < > <= >=) after the number', this.#tokens.peek());
  }

  // Sums.

  #asSum(node: Node, operator: Token): Sum {
    if (node.kind === 'number') return node;
    throw this.#tokens.error(operator.at, `expected a number on both sides, such as 'tcp[13] & 2 != 0' or 'len > 100'`);
  }

  /**
   * Binary operators by precedence. `%` and `^` bind to the operand before them and take all that follows: libpcap's
   * grammar forgot their precedence, and a filter is to choose the packets here that it chooses in tcpdump.
   */
  #parseSum(least: number, inherited: Qualifiers | null): Node {
    return this.#tokens.deeper(() => {
      let left = this.#parseOperand(inherited);
      for (;;) {
        const operator = this.#tokens.peek();
        const takesAll = operator.text === '%' || operator.text === '^';
        const precedence = PRECEDENCE[operator.text] ?? 0;
        if (!takesAll && (precedence === 0 || precedence < least)) return left;
        const a = this.#asSum(left, operator);
        this.#tokens.skip();
        const b = this.#asSum(this.#parseSum(takesAll ? 0 : precedence + 1, null), operator);
        left = this.#combine(operator, a, b);
      }
    });
  }

  #combine(operator: Token, a: Sum, b: Sum): Sum {
    if ((operator.text === '/' || operator.text === '%') && b.constant === 0) {
      throw this.#tokens.error(operator.at, 'division by zero');
    }
    if ((operator.text === '<<' || operator.text === '>>') && (b.constant ?? 0) > 31) {
      throw this.#tokens.error(operator.at, 'shift by more than 31 bits');
    }
    const value = operate(operator.text, a.value, b.value, this.#run);
    // Constant operands make a constant: no packet is looked at.
    const constant = a.constant !== null && b.constant !== null ? value(undefined as never) : null;
    return {
      kind: 'number',
      value: constant === null ? value : () => constant,
      constant,
      guard: a.guard === null ? b.guard : b.guard === null ? a.guard : is.both(a.guard, b.guard),
      literal: null,
      at: a.at,
    };
  }

  #parseOperand(inherited: Qualifiers | null): Node {
    const token = this.#tokens.peek();
    if (this.#tokens.isAt('-')) return this.#parseNegative();
    if (this.#tokens.takeIf('(')) {
      const node = this.#parseConditions(inherited);
      this.#tokens.require(')');
      // As in libpcap a bare address after a group repeats the qualifiers from before the group, if there are any.
      return node.kind === 'test' ? { ...node, qualifiers: inherited ?? node.qualifiers } : node;
    }
    if (token.kind === 'number') {
      this.#tokens.skip();
      return constant(token.value, token.at, token);
    }
    if (token.kind === 'word' && !token.isQuoted) {
      const value = CONSTANTS.get(token.text);
      if (value !== undefined) {
        this.#tokens.skip();
        return constant(value, token.at, null);
      }
      if (token.text === 'len' || token.text === 'length') {
        this.#tokens.skip();
        const length: Numeric = (view) => view.originalLength;
        return { kind: 'number', value: length, constant: null, guard: null, literal: null, at: token.at };
      }
      if (this.#tokens.isAt('[', 1)) return this.#parseAccess();
    }
    return this.#parsePrimitive(inherited);
  }

  #parseNegative(): Sum {
    const { at } = this.#tokens.peek();
    let isNegative = false;
    while (this.#tokens.takeIf('-')) isNegative = !isNegative;
    // Binds tighter than all operators but those without precedence.
    const operand = this.#asSum(this.#parseSum(TIGHTEST, null), this.#tokens.peek());
    if (!isNegative) return operand;
    const zero = constant(0, at, null);
    return this.#combine({ kind: 'operator', text: '-', at, value: 0, isQuoted: false }, zero, operand);
  }

  /** `tcp[13]`, `ip[2:2]`. */
  #parseAccess(): Sum {
    const name = this.#tokens.take();
    const protocol = LINK_NAMES.includes(name.text) ? 'link' : name.text;
    if (!ACCESSIBLE.includes(protocol)) {
      const known = IP_PROTOCOLS.has(protocol) || ETHER_PROTOCOLS.has(protocol);
      const reason = known || UNSUPPORTED.has(protocol) ? 'is not supported' : 'is unknown';
      throw this.#tokens.error(name.at, `'${name.text}[...]' ${reason}: expected one of ${ACCESSIBLE.join(', ')}`);
    }
    this.#tokens.require('[');
    const index = this.#asSum(this.#parseSum(0, null), this.#tokens.peek());
    let size = 1;
    if (this.#tokens.takeIf(':')) {
      const token = this.#tokens.take();
      if (token.kind !== 'number' || ![1, 2, 4].includes(token.value))
        throw this.#tokens.expected('a size of 1, 2 or 4', token);
      size = token.value;
    }
    this.#tokens.require(']');
    let octets: { guard: Predicate; value: Numeric };
    if (protocol === 'icmp' || protocol === 'icmp6') {
      if (size !== 1 || (index.constant !== 0 && index.constant !== 1)) {
        throw this.#tokens.error(
          name.at,
          `of '${protocol}[...]' only the type (octet 0) and the code (octet 1) are supported`,
        );
      }
      octets = accessIcmp(protocol, index.constant);
    } else {
      octets = access(protocol, index.value, size, this.#run);
    }
    const guard = index.guard === null ? octets.guard : is.both(index.guard, octets.guard);
    return { kind: 'number', value: octets.value, constant: null, guard, literal: null, at: name.at };
  }

  // Primitives.

  #parsePrimitive(inherited: Qualifiers | null): Test {
    const first = this.#tokens.peek();
    if (first.kind !== 'word' || first.isQuoted) return this.#parseBare(inherited);
    const special = parseSpecial(this.#tokens);
    if (special !== null) return { kind: 'test', test: special, qualifiers: null };

    const protocol = this.#takeProtocol();
    const direction = this.#takeDirection();
    const type = TYPES.find((name) => this.#tokens.takeIf(name)) as Qualifiers['type'] | undefined;
    refuseUnsupported(this.#tokens);
    if (direction === null && type === undefined) {
      if (protocol === null) return this.#parseBare(inherited);
      return { kind: 'test', test: this.#protocolTest(protocol), qualifiers: null };
    }
    const qualifiers = {
      protocol: protocol?.text ?? null,
      direction: direction ?? 'either',
      type: type ?? 'host',
    } satisfies Qualifiers;
    const test = this.#parseIdentifiers(qualifiers);
    return { kind: 'test', test, qualifiers };
  }

  #takeProtocol(): Token | null {
    const { text } = this.#tokens.peek();
    if (!LINK_NAMES.includes(text) && !IP_PROTOCOLS.has(text) && !ETHER_PROTOCOLS.has(text)) return null;
    const token = this.#tokens.take();
    return LINK_NAMES.includes(text) ? { ...token, text: 'ether' } : token;
  }

  #takeDirection(): Direction | null {
    const first = this.#tokens.peek().text;
    if (first !== 'src' && first !== 'dst') return null;
    this.#tokens.skip();
    if (!this.#tokens.isAt(first === 'src' ? 'dst' : 'src', 1)) return first;
    if (this.#tokens.takeIf('or', '||')) this.#tokens.skip();
    else if (this.#tokens.takeIf('and', '&&')) {
      this.#tokens.skip();
      return 'both';
    } else return first;
    return 'either';
  }

  #protocolTest(token: Token): Predicate {
    const test = protocolTest(token.text);
    if (test === null)
      throw this.#tokens.expected(`'host', 'proto', 'src' or 'dst' after '${token.text}'`, this.#tokens.peek());
    return test;
  }

  /** An address or a port without qualifiers of its own. */
  #parseBare(inherited: Qualifiers | null): Test {
    const token = this.#tokens.peek();
    refuseUnsupported(this.#tokens);
    const isValue = ['ip4', 'ip6', 'mac'].includes(token.kind) || (token.kind === 'word' && !isKeyword(token));
    if (inherited !== null && isValue) {
      return { kind: 'test', test: this.#parseIdentifiers(inherited), qualifiers: inherited };
    }
    const hints: Partial<Record<Token['kind'], string>> = {
      ip4: `: write 'host ${token.text}'`,
      ip6: `: write 'host ${token.text}'`,
      mac: `: write 'ether host ${token.text}'`,
      word: token.text.includes('-') ? ': put blanks around an operator' : '',
    };
    const found = token.kind === 'end' ? 'the end' : `'${token.text}'${hints[token.kind] ?? ''}`;
    throw this.#tokens.error(
      token.at,
      `expected a primitive (host, net, port, portrange, tcp, ip, ip6, vlan, less, ...), found ${found}`,
    );
  }

  /** What follows the qualifiers: one address, `not` one, or several in parentheses. */
  #parseIdentifiers(qualifiers: Qualifiers): Predicate {
    return this.#tokens.deeper(() => {
      let negations = 0;
      while (this.#tokens.takeIf('not', '!')) negations++;
      let test: Predicate;
      if (this.#tokens.takeIf('(')) {
        test = this.#asTest(this.#parseConditions(qualifiers), qualifiers).test;
        this.#tokens.require(')');
      } else {
        test = identify(this.#tokens, this.#tokens.take(), qualifiers);
      }
      return negations % 2 === 1 ? is.not(test) : test;
    });
  }
}

/** Evaluates from left to right without descending: long lists of addresses are common. */
function chain(tests: Predicate[], isAnd: boolean[]): Predicate {
  if (tests.length === 2) {
    const [a, b] = tests;
    return isAnd[1] ? is.both(a, b) : (view) => a(view) || b(view);
  }
  return (view) => {
    let result = tests[0](view);
    for (let i = 1; i < tests.length; i++) if (result === isAnd[i]) result = tests[i](view);
    return result;
  };
}

const guarded = (guard: Predicate | null, test: Predicate): Predicate => (guard === null ? test : is.both(guard, test));

function constant(value: number, at: number, literal: Token | null): Sum {
  return { kind: 'number', value: () => value, constant: value, guard: null, literal, at };
}

function protocolTest(name: string): Predicate | null {
  if (name === 'ip') return is.isIp4;
  if (name === 'ip6') return is.isIp6;
  const ip = IP_PROTOCOLS.get(name);
  if (ip !== undefined) return is.ipProtocol(ip);
  const ether = ETHER_PROTOCOLS.get(name);
  return ether === undefined ? null : is.etherProtocol(ether);
}
