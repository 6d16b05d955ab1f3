import type { ForeignTtl } from '../messages/en/findings/close.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { SegmentView } from '../model/segment.ts';

/** A TTL unlike that of most of the host's packets, as a middlebox gives it; null where it is the same or none is usual. */
export function foreignTtl({ ttl: usual, lastFrame }: Endpoint, { ttl, ipId }: SegmentView): ForeignTtl | null {
  return lastFrame > 0 && usual >= 0 && usual !== ttl ? { ttl, usual, ipId } : null;
}
