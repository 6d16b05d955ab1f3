import { LINK_NAMES, UNSUPPORTED } from './keywords.ts';
import type { Predicate } from './primitives.ts';
import * as is from './primitives.ts';
import type { TokenStream } from './token-stream.ts';

/** Primitives that are no address, port or protocol. */
export function parseSpecial(tokens: TokenStream): Predicate | null {
  const token = tokens.peek();
  switch (token.text) {
    case 'less':
    case 'greater': {
      tokens.skip();
      const length = tokens.take();
      if (length.kind !== 'number') throw tokens.expected(`a length after '${token.text}'`, length);
      return token.text === 'less' ? is.atMost(length.value) : is.atLeast(length.value);
    }
    case 'vlan': {
      tokens.skip();
      const id = tokens.peek();
      if (id.kind !== 'number') return is.anyVlan;
      tokens.skip();
      if (id.value > 4095) throw tokens.error(id.at, `expected a VLAN identifier up to 4095, found ${id.text}`);
      return is.vlan(id.value);
    }
    case 'inbound':
      tokens.skip();
      return is.isInbound;
    case 'outbound':
      tokens.skip();
      return is.isOutbound;
    case 'multicast':
      tokens.skip();
      return is.isEthernetMulticast;
    case 'broadcast':
      tokens.skip();
      return is.isEthernetBroadcast;
  }
  if (tokens.isAt('multicast', 1) || tokens.isAt('broadcast', 1)) {
    const isBroadcast = tokens.isAt('broadcast', 1);
    const protocol = LINK_NAMES.includes(token.text) ? 'ether' : token.text;
    if (protocol === 'ip' && isBroadcast) {
      throw tokens.error(token.at, `'ip broadcast' is not supported: the capture does not tell its netmask`);
    }
    const tests: Record<string, Predicate> = isBroadcast
      ? { ether: is.isEthernetBroadcast }
      : { ether: is.isEthernetMulticast, ip: is.isIp4Multicast, ip6: is.isIp6Multicast };
    const test = Object.hasOwn(tests, protocol) ? tests[protocol] : undefined;
    if (test === undefined) throw tokens.expected(`one of ${Object.keys(tests).join(', ')}`, token);
    tokens.skip(2);
    return test;
  }
  return null;
}

/** Refuses a word of pcap-filter(7) that asks for what a segment does not tell. */
export function refuseUnsupported(tokens: TokenStream): void {
  const token = tokens.peek();
  if (token.kind === 'word' && !token.isQuoted && UNSUPPORTED.has(token.text)) {
    throw tokens.error(token.at, `'${token.text}' of pcap-filter is not supported`);
  }
}
