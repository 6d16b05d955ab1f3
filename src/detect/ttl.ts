import type { Ttl } from '../messages/en/findings/close.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { SegmentView } from '../model/segment.ts';

/** The TTL of the packet beside that of most of the host's packets; null where none is usual. */
export function ttlOf({ ttl: usual, lastFrame }: Endpoint, { ttl, ipId }: SegmentView): Ttl | null {
  return lastFrame > 0 && usual >= 0 ? { ttl, usual, ipId } : null;
}

/** A TTL unlike that of most of the host's packets, as a middlebox gives it; null where it is the same or none is usual. */
export function foreignTtl(endpoint: Endpoint, view: SegmentView): Ttl | null {
  const found = ttlOf(endpoint, view);
  return found !== null && found.ttl !== found.usual ? found : null;
}
