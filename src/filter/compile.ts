import type { SegmentView } from '../model/segment.ts';
import type { Run } from './arithmetic.ts';
import { parseFilter } from './parser.ts';

/** A predicate that tells what it was compiled of: predicates cannot go to other threads, texts can. */
export interface CompiledFilter {
  (view: SegmentView): boolean;
  readonly expression: string;
}

/**
 * Compiles an expression of pcap-filter(7) into a predicate. An empty expression accepts everything.
 *
 * It looks at the decoded segment where libpcap looks at octets at fixed places: `host`, `port`, `ip[...]`, `tcp[...]`
 * mean the innermost packet, so packets with VLAN tags, extension headers or inside tunnels are found without `vlan and`
 * in front of the expression, `tcp[...]` reads IPv6 as well, and `vlan` is just a question about the outermost tag. An
 * ICMP error about a segment has that segment's addresses and ports.
 *
 * @throws UsageError with the place and what was expected there
 */
export function compileFilter(text: string): CompiledFilter {
  const run: Run = { isRejected: false };
  const test = parseFilter(text, run);
  const accepts = (view: SegmentView) => {
    run.isRejected = false;
    const isAccepted = test(view);
    return isAccepted && !run.isRejected;
  };
  return Object.assign(accepts, { expression: text });
}
