import type { UsageError } from '../model/errors.ts';
import { parseIp4, parseIp6, parseMac, prefixMask } from './addresses.ts';
import { ACCESSIBLE, access, accessIcmp, compare, type Numeric, operate, type Run } from './arithmetic.ts';
import { errorAt, type Token, tokenize } from './lexer.ts';
import { CONSTANTS, ETHER_PROTOCOLS, IP_PROTOCOLS, PORTS } from './names.ts';
import type { Direction, Predicate } from './primitives.ts';
import * as is from './primitives.ts';

/** The qualifiers before an address or a port; a bare one after `and` or `or` repeats those of the one before. */
interface Qualifiers {
  protocol: string | null;
  direction: Direction;
  type: 'host' | 'net' | 'port' | 'portrange' | 'proto';
}

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

const MAX_DEPTH = 500;

const RELATIONS = ['<', '>', '<=', '>=', '=', '==', '!='];
/** Precedence as in C. `%` and `^` have none in libpcap's grammar: see `parseSum`. */
const PRECEDENCE: Record<string, number> = { '|': 1, '&': 2, '<<': 3, '>>': 3, '+': 4, '-': 4, '*': 5, '/': 5 };

const TIGHTEST = 6;

const TYPES = ['host', 'net', 'port', 'portrange', 'proto'];
const LINK_NAMES = ['ether', 'link', 'fddi', 'tr', 'ppp', 'slip'];

/** Primitives and qualifiers of pcap-filter(7) that ask for what a segment does not tell. */
const UNSUPPORTED = new Set(
  (
    'gateway protochain wlan type subtype dir addr1 addr2 addr3 addr4 ra ta ifname on rnr rulenum reason rset ruleset ' +
    'srnr subrulenum action mpls pppoed pppoes geneve vxlan lane llc metac bcc sc ilmic connectmsg metaconnect oam ' +
    'oamf4 vpi vci iso clnp esis isis l1 l2 iih lsp snp csnp psnp decnet atalk aarp lat moprc mopdl sca stp ipx ' +
    'netbeui igrp carp radio byte'
  ).split(' '),
);

/** Parses an expression of pcap-filter(7). A UsageError says where it is wrong and what was expected. */
export function parseFilter(source: string, run: Run): Predicate {
  return new Parser(source, run).parse();
}

/** Recursive descent over pcap-filter(7): conditions and sums share one descent, so that a parenthesis may hold either. */
class Parser {
  readonly #source: string;
  readonly #tokens: Token[];
  readonly #run: Run;
  #next = 0;
  #depth = 0;

  constructor(source: string, run: Run) {
    this.#source = source;
    this.#tokens = tokenize(source);
    this.#run = run;
  }

  parse(): Predicate {
    if (this.#peek().kind === 'end') return () => true;
    const { test } = this.#asTest(this.#parseConditions(null), null);
    const rest = this.#peek();
    if (rest.kind !== 'end') throw this.#expected(`'and', 'or' or the end`, rest);
    return test;
  }

  // Tokens.

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #isAt(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.text === text && !token.isQuoted;
  }

  #takeIf(...texts: string[]): boolean {
    if (!texts.some((text) => this.#isAt(text))) return false;
    this.#next++;
    return true;
  }

  #require(text: string): void {
    if (!this.#takeIf(text)) throw this.#expected(`'${text}'`, this.#peek());
  }

  #error(at: number, message: string): UsageError {
    return errorAt(this.#source, at, message);
  }

  #expected(what: string, token: Token): UsageError {
    return this.#error(token.at, `expected ${what}, found ${token.kind === 'end' ? 'the end' : `'${token.text}'`}`);
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.#error(this.#peek().at, 'nested too deeply');
    const result = parse();
    this.#depth--;
    return result;
  }

  // Conditions.

  /** `and` and `or` bind equally and to the left. A lone sum is handed back for the parenthesis around it. */
  #parseConditions(inherited: Qualifiers | null): Node {
    return this.#deeper(() => {
      const first = this.#parseCondition(inherited);
      if (!this.#isConjunction()) return first;
      let last = this.#asTest(first, inherited);
      const tests = [last.test];
      const isAnd: boolean[] = [true];
      while (this.#isConjunction()) {
        isAnd.push(this.#takeIf('and', '&&'));
        if (!isAnd[isAnd.length - 1]) this.#next++;
        last = this.#asTest(this.#parseCondition(last.qualifiers), last.qualifiers);
        tests.push(last.test);
      }
      return { kind: 'test', test: chain(tests, isAnd), qualifiers: last.qualifiers };
    });
  }

  #isConjunction(): boolean {
    return ['and', '&&', 'or', '||'].some((word) => this.#isAt(word));
  }

  #parseCondition(inherited: Qualifiers | null): Node {
    let negations = 0;
    while (this.#takeIf('not', '!')) negations++;
    const node = this.#parseRelation(inherited);
    if (negations === 0) return node;
    const { test, qualifiers } = this.#asTest(node, inherited);
    return { kind: 'test', test: negations % 2 === 1 ? is.not(test) : test, qualifiers };
  }

  #parseRelation(inherited: Qualifiers | null): Node {
    const left = this.#parseSum(0, inherited);
    const operator = this.#peek();
    if (!RELATIONS.includes(operator.text)) return left;
    const a = this.#asSum(left, operator);
    this.#next++;
    const b = this.#asSum(this.#parseSum(0, null), this.#peek());
    const test = compare(operator.text, a.value, b.value);
    return { kind: 'test', test: guarded(a.guard, guarded(b.guard, test)), qualifiers: null };
  }

  #asTest(node: Node, inherited: Qualifiers | null): Test {
    if (node.kind === 'test') return node;
    if (node.literal !== null && inherited !== null) {
      return { kind: 'test', test: this.#identify(node.literal, inherited), qualifiers: inherited };
    }
    if (node.literal !== null) {
      throw this.#error(node.at, `expected a primitive such as 'port ${node.literal.text}', found a bare number`);
    }
    throw this.#expected('a comparison (= != < > <= >=) after the number', this.#peek());
  }

  // Sums.

  #asSum(node: Node, operator: Token): Sum {
    if (node.kind === 'number') return node;
    throw this.#error(operator.at, `expected a number on both sides, such as 'tcp[13] & 2 != 0' or 'len > 100'`);
  }

  /**
   * Binary operators by precedence. `%` and `^` bind to the operand before them and take all that follows: libpcap's
   * grammar forgot their precedence, and a filter is to choose the packets here that it chooses in tcpdump.
   */
  #parseSum(least: number, inherited: Qualifiers | null): Node {
    return this.#deeper(() => {
      let left = this.#parseOperand(inherited);
      for (;;) {
        const operator = this.#peek();
        const takesAll = operator.text === '%' || operator.text === '^';
        const precedence = PRECEDENCE[operator.text] ?? 0;
        if (!takesAll && (precedence === 0 || precedence < least)) return left;
        const a = this.#asSum(left, operator);
        this.#next++;
        const b = this.#asSum(this.#parseSum(takesAll ? 0 : precedence + 1, null), operator);
        left = this.#combine(operator, a, b);
      }
    });
  }

  #combine(operator: Token, a: Sum, b: Sum): Sum {
    if ((operator.text === '/' || operator.text === '%') && b.constant === 0) {
      throw this.#error(operator.at, 'division by zero');
    }
    if ((operator.text === '<<' || operator.text === '>>') && (b.constant ?? 0) > 31) {
      throw this.#error(operator.at, 'shift by more than 31 bits');
    }
    const value = operate(operator.text, a.value, b.value, this.#run);
    // Constant operands make a constant: no packet is looked at.
    const constant = a.constant !== null && b.constant !== null ? value(undefined as never) : null;
    return {
      kind: 'number',
      value: constant === null ? value : () => constant,
      constant,
      guard: a.guard === null ? b.guard : b.guard === null ? a.guard : both(a.guard, b.guard),
      literal: null,
      at: a.at,
    };
  }

  #parseOperand(inherited: Qualifiers | null): Node {
    const token = this.#peek();
    if (this.#isAt('-')) return this.#parseNegative();
    if (this.#takeIf('(')) {
      const node = this.#parseConditions(inherited);
      this.#require(')');
      // As in libpcap a bare address after a group repeats the qualifiers from before the group, if there are any.
      return node.kind === 'test' ? { ...node, qualifiers: inherited ?? node.qualifiers } : node;
    }
    if (token.kind === 'number') {
      this.#next++;
      return constant(token.value, token.at, token);
    }
    if (token.kind === 'word' && !token.isQuoted) {
      const value = CONSTANTS.get(token.text);
      if (value !== undefined) {
        this.#next++;
        return constant(value, token.at, null);
      }
      if (token.text === 'len' || token.text === 'length') {
        this.#next++;
        const length: Numeric = (view) => view.originalLength;
        return { kind: 'number', value: length, constant: null, guard: null, literal: null, at: token.at };
      }
      if (this.#isAt('[', 1)) return this.#parseAccess();
    }
    return this.#parsePrimitive(inherited);
  }

  #parseNegative(): Sum {
    const { at } = this.#peek();
    let isNegative = false;
    while (this.#takeIf('-')) isNegative = !isNegative;
    // Binds tighter than all operators but those without precedence.
    const operand = this.#asSum(this.#parseSum(TIGHTEST, null), this.#peek());
    if (!isNegative) return operand;
    const zero = constant(0, at, null);
    return this.#combine({ kind: 'operator', text: '-', at, value: 0, isQuoted: false }, zero, operand);
  }

  /** `tcp[13]`, `ip[2:2]`. */
  #parseAccess(): Sum {
    const name = this.#take();
    const protocol = LINK_NAMES.includes(name.text) ? 'link' : name.text;
    if (!ACCESSIBLE.includes(protocol)) {
      const known = IP_PROTOCOLS.has(protocol) || ETHER_PROTOCOLS.has(protocol);
      const reason = known || UNSUPPORTED.has(protocol) ? 'is not supported' : 'is unknown';
      throw this.#error(name.at, `'${name.text}[...]' ${reason}: expected one of ${ACCESSIBLE.join(', ')}`);
    }
    this.#require('[');
    const index = this.#asSum(this.#parseSum(0, null), this.#peek());
    let size = 1;
    if (this.#takeIf(':')) {
      const token = this.#take();
      if (token.kind !== 'number' || ![1, 2, 4].includes(token.value))
        throw this.#expected('a size of 1, 2 or 4', token);
      size = token.value;
    }
    this.#require(']');
    let octets: { guard: Predicate; value: Numeric };
    if (protocol === 'icmp' || protocol === 'icmp6') {
      if (size !== 1 || (index.constant !== 0 && index.constant !== 1)) {
        throw this.#error(
          name.at,
          `of '${protocol}[...]' only the type (octet 0) and the code (octet 1) are supported`,
        );
      }
      octets = accessIcmp(protocol, index.constant);
    } else {
      octets = access(protocol, index.value, size, this.#run);
    }
    const guard = index.guard === null ? octets.guard : both(index.guard, octets.guard);
    return { kind: 'number', value: octets.value, constant: null, guard, literal: null, at: name.at };
  }

  // Primitives.

  #parsePrimitive(inherited: Qualifiers | null): Test {
    const first = this.#peek();
    if (first.kind !== 'word' || first.isQuoted) return this.#parseBare(inherited);
    const special = this.#parseSpecial();
    if (special !== null) return { kind: 'test', test: special, qualifiers: null };

    const protocol = this.#takeProtocol();
    const direction = this.#takeDirection();
    const type = TYPES.find((name) => this.#takeIf(name)) as Qualifiers['type'] | undefined;
    this.#refuseUnsupported();
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

  /** Primitives that are no address, port or protocol. */
  #parseSpecial(): Predicate | null {
    const token = this.#peek();
    switch (token.text) {
      case 'less':
      case 'greater': {
        this.#next++;
        const length = this.#take();
        if (length.kind !== 'number') throw this.#expected(`a length after '${token.text}'`, length);
        return token.text === 'less' ? is.atMost(length.value) : is.atLeast(length.value);
      }
      case 'vlan': {
        this.#next++;
        const id = this.#peek();
        if (id.kind !== 'number') return is.anyVlan;
        this.#next++;
        if (id.value > 4095) throw this.#error(id.at, `expected a VLAN identifier up to 4095, found ${id.text}`);
        return is.vlan(id.value);
      }
      case 'inbound':
        this.#next++;
        return is.isInbound;
      case 'outbound':
        this.#next++;
        return is.isOutbound;
      case 'multicast':
        this.#next++;
        return is.isEthernetMulticast;
      case 'broadcast':
        this.#next++;
        return is.isEthernetBroadcast;
    }
    if (this.#isAt('multicast', 1) || this.#isAt('broadcast', 1)) {
      const isBroadcast = this.#isAt('broadcast', 1);
      const protocol = LINK_NAMES.includes(token.text) ? 'ether' : token.text;
      if (protocol === 'ip' && isBroadcast) {
        throw this.#error(token.at, `'ip broadcast' is not supported: the capture does not tell its netmask`);
      }
      const tests: Record<string, Predicate> = isBroadcast
        ? { ether: is.isEthernetBroadcast }
        : { ether: is.isEthernetMulticast, ip: is.isIp4Multicast, ip6: is.isIp6Multicast };
      const test = Object.hasOwn(tests, protocol) ? tests[protocol] : undefined;
      if (test === undefined) throw this.#expected(`one of ${Object.keys(tests).join(', ')}`, token);
      this.#next += 2;
      return test;
    }
    return null;
  }

  #refuseUnsupported(): void {
    const token = this.#peek();
    if (token.kind === 'word' && !token.isQuoted && UNSUPPORTED.has(token.text)) {
      throw this.#error(token.at, `'${token.text}' of pcap-filter is not supported`);
    }
  }

  #takeProtocol(): Token | null {
    const { text } = this.#peek();
    if (!LINK_NAMES.includes(text) && !IP_PROTOCOLS.has(text) && !ETHER_PROTOCOLS.has(text)) return null;
    const token = this.#take();
    return LINK_NAMES.includes(text) ? { ...token, text: 'ether' } : token;
  }

  #takeDirection(): Direction | null {
    const first = this.#peek().text;
    if (first !== 'src' && first !== 'dst') return null;
    this.#next++;
    if (!this.#isAt(first === 'src' ? 'dst' : 'src', 1)) return first;
    if (this.#takeIf('or', '||')) this.#next++;
    else if (this.#takeIf('and', '&&')) {
      this.#next++;
      return 'both';
    } else return first;
    return 'either';
  }

  #protocolTest(token: Token): Predicate {
    const test = protocolTest(token.text);
    if (test === null) throw this.#expected(`'host', 'proto', 'src' or 'dst' after '${token.text}'`, this.#peek());
    return test;
  }

  /** An address or a port without qualifiers of its own. */
  #parseBare(inherited: Qualifiers | null): Test {
    const token = this.#peek();
    this.#refuseUnsupported();
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
    throw this.#error(
      token.at,
      `expected a primitive (host, net, port, portrange, tcp, ip, ip6, vlan, less, ...), found ${found}`,
    );
  }

  /** What follows the qualifiers: one address, `not` one, or several in parentheses. */
  #parseIdentifiers(qualifiers: Qualifiers): Predicate {
    return this.#deeper(() => {
      let negations = 0;
      while (this.#takeIf('not', '!')) negations++;
      let test: Predicate;
      if (this.#takeIf('(')) {
        test = this.#asTest(this.#parseConditions(qualifiers), qualifiers).test;
        this.#require(')');
      } else {
        test = this.#identify(this.#take(), qualifiers);
      }
      return negations % 2 === 1 ? is.not(test) : test;
    });
  }

  /** The condition that one address, port or protocol makes together with its qualifiers. */
  #identify(token: Token, qualifiers: Qualifiers): Predicate {
    switch (qualifiers.type) {
      case 'host':
      case 'net':
        return this.#identifyAddress(token, qualifiers);
      case 'port':
      case 'portrange':
        return this.#identifyPort(token, qualifiers);
      case 'proto':
        return this.#identifyProtocol(token, qualifiers);
    }
  }

  #identifyAddress(token: Token, { protocol, direction, type }: Qualifiers): Predicate {
    if (protocol === 'ether') {
      const octets = token.kind === 'mac' ? parseMac(token.text) : null;
      if (octets === null || type === 'net') throw this.#expected(`an Ethernet address after 'ether ${type}'`, token);
      return is.ethernetAddress(octets, direction);
    }
    if (protocol === 'arp' || protocol === 'rarp') return () => false;
    if (protocol !== null && protocol !== 'ip' && protocol !== 'ip6') {
      throw this.#error(token.at, `'${protocol}' does not go with '${type}': expected ip, ip6 or ether`);
    }
    const refuse = (family: string) => {
      if (protocol === family) throw this.#error(token.at, `'${family}' does not go with the address '${token.text}'`);
    };
    if (token.kind === 'ip6') {
      refuse('ip');
      const bits = this.#takePrefixLength(128) ?? 128;
      if (type === 'host' && bits !== 128) throw this.#error(token.at, `a prefix length is for 'net' only`);
      const words = parseIp6(token.text)!;
      if (words.some((word, i) => (word & ~prefixMask(Math.min(32, Math.max(0, bits - 32 * i)))) !== 0)) {
        throw this.#error(token.at, `bits beyond the prefix are set in ${token.text}/${bits}`);
      }
      return is.ip6Network(words, bits, direction);
    }
    if (token.kind === 'number' || token.kind === 'ip4') {
      refuse('ip6');
      return this.#identifyIp4(token, direction, type);
    }
    const what = type === 'net' ? `a network such as 10.0.0.0/8 or 192.168.1` : 'an IP address';
    if (token.kind === 'word' && !isKeyword(token)) {
      throw this.#error(token.at, `expected ${what}, found the name '${token.text}': names are not looked up`);
    }
    throw this.#expected(what, token);
  }

  #identifyIp4(token: Token, direction: Direction, type: string): Predicate {
    const written = parseIp4(token.text);
    if (token.kind === 'ip4' && written === null) throw this.#error(token.at, `'${token.text}' is no IPv4 address`);
    const bits = this.#takePrefixLength(32);
    const isMasked = bits === null && this.#takeIf('mask');
    if ((bits !== null || isMasked) && type === 'host') throw this.#error(token.at, `a mask is for 'net' only`);
    if (bits === null && !isMasked) {
      if (token.kind === 'ip4') return is.ip4Network(written!.value, written!.mask, direction);
      // A plain number: of a network the leading octets, of a host all 32 bits.
      let { value } = token;
      let mask = 0xffffffff;
      while (type === 'net' && value !== 0 && value < 0x1000000) {
        value *= 256;
        mask = (mask << 8) >>> 0;
      }
      return is.ip4Network(value, mask, direction);
    }
    if (written === null) throw this.#error(token.at, `'${token.text}' is no IPv4 network`);
    let mask: number;
    if (bits !== null) mask = prefixMask(bits);
    else {
      const token = this.#take();
      const parsed = token.kind === 'ip4' || token.kind === 'number' ? parseIp4(token.text) : null;
      if (parsed === null) throw this.#expected('a mask such as 255.255.0.0', token);
      mask = parsed.value;
    }
    if ((written.value & ~mask) !== 0) throw this.#error(token.at, `bits beyond the mask are set in ${token.text}`);
    return is.ip4Network(written.value, mask, direction);
  }

  #takePrefixLength(most: number): number | null {
    if (!this.#takeIf('/')) return null;
    const token = this.#take();
    if (token.kind !== 'number' || token.value > most) throw this.#expected(`a prefix length up to ${most}`, token);
    return token.value;
  }

  #identifyPort(token: Token, { protocol, direction, type }: Qualifiers): Predicate {
    if (protocol !== null && protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') {
      throw this.#error(token.at, `'${protocol}' does not go with '${type}': expected tcp`);
    }
    const range = this.#portRange(token, type === 'portrange');
    if (protocol === 'udp' || protocol === 'sctp') return () => false;
    const test = is.portRange(range[0], range[1], direction);
    return protocol === 'tcp' ? (view) => is.isTcp(view) && test(view) : test;
  }

  #portRange(token: Token, isRange: boolean): [number, number] {
    if (token.kind === 'number') {
      if (token.value > 65535) throw this.#error(token.at, `expected a port up to 65535, found ${token.text}`);
      return [token.value, token.value];
    }
    if (token.kind === 'word') {
      const port = PORTS.get(token.text);
      if (port !== undefined) return [port, port];
      // Names hold dashes too: any dash may be the one between the two ends.
      for (let at = token.text.indexOf('-'); isRange && at >= 0; at = token.text.indexOf('-', at + 1)) {
        const low = portOf(token.text.slice(0, at));
        const high = portOf(token.text.slice(at + 1));
        if (low !== null && high !== null) return low <= high ? [low, high] : [high, low];
      }
    }
    throw this.#expected(isRange ? 'a range of ports such as 8000-8080' : 'a port number or a well-known name', token);
  }

  #identifyProtocol(token: Token, { protocol, direction }: Qualifiers): Predicate {
    if (direction !== 'either') throw this.#error(token.at, `'src' and 'dst' do not go with 'proto'`);
    if (protocol === 'ether') {
      const number = token.kind === 'number' ? token.value : ETHER_PROTOCOLS.get(token.text);
      if (number === undefined) throw this.#expected(`an EtherType after 'ether proto'`, token);
      return is.etherProtocol(number);
    }
    if (protocol !== null && protocol !== 'ip' && protocol !== 'ip6') {
      throw this.#error(token.at, `'${protocol}' does not go with 'proto': expected ip, ip6 or ether`);
    }
    const number = token.kind === 'number' ? token.value : IP_PROTOCOLS.get(token.text);
    if (number === undefined) throw this.#expected('a protocol number or name', token);
    const test = is.ipProtocol(number);
    if (protocol === null) return test;
    return both(protocol === 'ip' ? is.isIp4 : is.isIp6, test);
  }
}

/** Evaluates from left to right without descending: long lists of addresses are common. */
function chain(tests: Predicate[], isAnd: boolean[]): Predicate {
  if (tests.length === 2) {
    const [a, b] = tests;
    return isAnd[1] ? both(a, b) : (view) => a(view) || b(view);
  }
  return (view) => {
    let result = tests[0](view);
    for (let i = 1; i < tests.length; i++) if (result === isAnd[i]) result = tests[i](view);
    return result;
  };
}

const both =
  (a: Predicate, b: Predicate): Predicate =>
  (view) =>
    a(view) && b(view);

const guarded = (guard: Predicate | null, test: Predicate): Predicate => (guard === null ? test : both(guard, test));

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

function portOf(text: string): number | null {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text) <= 65535 ? Number(text) : null;
  return PORTS.get(text) ?? null;
}

const KEYWORDS = new Set([
  ...TYPES,
  ...LINK_NAMES,
  ...IP_PROTOCOLS.keys(),
  ...ETHER_PROTOCOLS.keys(),
  ...CONSTANTS.keys(),
  ...['src', 'dst', 'and', 'or', 'not', 'mask', 'less', 'greater', 'len', 'length', 'vlan', 'inbound', 'outbound'],
  ...['multicast', 'broadcast'],
]);

const isKeyword = (token: Token) => !token.isQuoted && KEYWORDS.has(token.text);
