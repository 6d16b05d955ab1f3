import { parseIp4, parseIp6, parseMac, prefixMask } from './addresses.ts';
import { isKeyword } from './keywords.ts';
import type { Token } from './lexer.ts';
import { ETHER_PROTOCOLS, IP_PROTOCOLS, PORTS } from './names.ts';
import type { Direction, Predicate } from './primitives.ts';
import * as is from './primitives.ts';
import type { TokenStream } from './token-stream.ts';

/** The qualifiers before an address or a port; a bare one after `and` or `or` repeats those of the one before. */
export interface Qualifiers {
  protocol: string | null;
  direction: Direction;
  type: 'host' | 'net' | 'port' | 'portrange' | 'proto';
}

/** The condition that one address, port or protocol makes together with its qualifiers. */
export function identify(tokens: TokenStream, token: Token, qualifiers: Qualifiers): Predicate {
  switch (qualifiers.type) {
    case 'host':
    case 'net':
      return identifyAddress(tokens, token, qualifiers);
    case 'port':
    case 'portrange':
      return identifyPort(tokens, token, qualifiers);
    case 'proto':
      return identifyProtocol(tokens, token, qualifiers);
  }
}

function identifyAddress(tokens: TokenStream, token: Token, { protocol, direction, type }: Qualifiers): Predicate {
  if (protocol === 'ether') {
    const octets = token.kind === 'mac' ? parseMac(token.text) : null;
    if (octets === null || type === 'net') throw tokens.expected(`an Ethernet address after 'ether ${type}'`, token);
    return is.ethernetAddress(octets, direction);
  }
  if (protocol === 'arp' || protocol === 'rarp') return () => false;
  if (protocol !== null && protocol !== 'ip' && protocol !== 'ip6') {
    throw tokens.error(token.at, `'${protocol}' does not go with '${type}': expected ip, ip6 or ether`);
  }
  const refuse = (family: string) => {
    if (protocol === family) throw tokens.error(token.at, `'${family}' does not go with the address '${token.text}'`);
  };
  if (token.kind === 'ip6') {
    refuse('ip');
    const bits = takePrefixLength(tokens, 128) ?? 128;
    if (type === 'host' && bits !== 128) throw tokens.error(token.at, `a prefix length is for 'net' only`);
    const words = parseIp6(token.text)!;
    if (words.some((word, i) => (word & ~prefixMask(Math.min(32, Math.max(0, bits - 32 * i)))) !== 0)) {
      throw tokens.error(token.at, `bits beyond the prefix are set in ${token.text}/${bits}`);
    }
    return is.ip6Network(words, bits, direction);
  }
  if (token.kind === 'number' || token.kind === 'ip4') {
    refuse('ip6');
    return identifyIp4(tokens, token, direction, type);
  }
  const what = type === 'net' ? `a network such as 10.0.0.0/8 or 192.168.1` : 'an IP address';
  if (token.kind === 'word' && !isKeyword(token)) {
    throw tokens.error(token.at, `expected ${what}, found the name '${token.text}': names are not looked up`);
  }
  throw tokens.expected(what, token);
}

function identifyIp4(tokens: TokenStream, token: Token, direction: Direction, type: string): Predicate {
  const written = parseIp4(token.text);
  if (token.kind === 'ip4' && written === null) throw tokens.error(token.at, `'${token.text}' is no IPv4 address`);
  const bits = takePrefixLength(tokens, 32);
  const isMasked = bits === null && tokens.takeIf('mask');
  if ((bits !== null || isMasked) && type === 'host') throw tokens.error(token.at, `a mask is for 'net' only`);
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
  if (written === null) throw tokens.error(token.at, `'${token.text}' is no IPv4 network`);
  let mask: number;
  if (bits !== null) mask = prefixMask(bits);
  else {
    const token = tokens.take();
    const parsed = token.kind === 'ip4' || token.kind === 'number' ? parseIp4(token.text) : null;
    if (parsed === null) throw tokens.expected('a mask such as 255.255.0.0', token);
    mask = parsed.value;
  }
  if ((written.value & ~mask) !== 0) throw tokens.error(token.at, `bits beyond the mask are set in ${token.text}`);
  return is.ip4Network(written.value, mask, direction);
}

function takePrefixLength(tokens: TokenStream, most: number): number | null {
  if (!tokens.takeIf('/')) return null;
  const token = tokens.take();
  if (token.kind !== 'number' || token.value > most) throw tokens.expected(`a prefix length up to ${most}`, token);
  return token.value;
}

function identifyPort(tokens: TokenStream, token: Token, { protocol, direction, type }: Qualifiers): Predicate {
  if (protocol !== null && protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') {
    throw tokens.error(token.at, `'${protocol}' does not go with '${type}': expected tcp`);
  }
  const range = portRange(tokens, token, type === 'portrange');
  if (protocol === 'udp' || protocol === 'sctp') return () => false;
  const test = is.portRange(range[0], range[1], direction);
  return protocol === 'tcp' ? (view) => is.isTcp(view) && test(view) : test;
}

function portRange(tokens: TokenStream, token: Token, isRange: boolean): [number, number] {
  if (token.kind === 'number') {
    if (token.value > 65535) throw tokens.error(token.at, `expected a port up to 65535, found ${token.text}`);
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
  throw tokens.expected(isRange ? 'a range of ports such as 8000-8080' : 'a port number or a well-known name', token);
}

function identifyProtocol(tokens: TokenStream, token: Token, { protocol, direction }: Qualifiers): Predicate {
  if (direction !== 'either') throw tokens.error(token.at, `'src' and 'dst' do not go with 'proto'`);
  if (protocol === 'ether') {
    const number = token.kind === 'number' ? token.value : ETHER_PROTOCOLS.get(token.text);
    if (number === undefined) throw tokens.expected(`an EtherType after 'ether proto'`, token);
    return is.etherProtocol(number);
  }
  if (protocol !== null && protocol !== 'ip' && protocol !== 'ip6') {
    throw tokens.error(token.at, `'${protocol}' does not go with 'proto': expected ip, ip6 or ether`);
  }
  const number = token.kind === 'number' ? token.value : IP_PROTOCOLS.get(token.text);
  if (number === undefined) throw tokens.expected('a protocol number or name', token);
  const test = is.ipProtocol(number);
  if (protocol === null) return test;
  return is.both(protocol === 'ip' ? is.isIp4 : is.isIp6, test);
}

function portOf(text: string): number | null {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text) <= 65535 ? Number(text) : null;
  return PORTS.get(text) ?? null;
}
