import type { FlowFacts } from './flow-facts.ts';
import { isAtReceiver, isAtSender, unseenLosses, whereText } from './place.ts';
import type { SideFacts } from './side-facts.ts';

/** How many more packets of a group there may be than the capture shows, and why; zero is none. */
export interface Doubt {
  readonly most: number;
  readonly reason: string | null;
}

export const NO_DOUBT: Doubt = { most: 0, reason: null };

/** Both doubts together. */
export function joined(a: Doubt, b: Doubt): Doubt {
  if (b.most === 0) return a;
  return a.most === 0
    ? b
    : { most: a.most + b.most, reason: a.most === Number.POSITIVE_INFINITY ? a.reason : b.reason };
}

function anyMore(reason: string): Doubt {
  return { most: Number.POSITIVE_INFINITY, reason };
}

export type GroupName =
  | 'retransmissions'
  | 'reordered'
  | 'duplicates'
  | 'keep_alives'
  | 'window_probes'
  | 'lost'
  | 'undelivered'
  | 'resets'
  | 'fins'
  | 'syns'
  | 'bad_checksums';

type Side = SideFacts<FlowFacts>;

/** What the capture cannot show of a group of packets that one end sent. */
export function doubtOf(name: GroupName, side: Side): Doubt {
  const { missing, trusts } = side.flow;
  if (missing !== null) return anyMore(missing);
  if (trusts) return NO_DOUBT;
  switch (name) {
    case 'retransmissions':
      return lossesBefore(side);
    case 'undelivered':
      return joined(joined(lossesBefore(side), repeatedLosses(side)), unknownFates(side));
    case 'lost':
      return joined(notCaptured(side), unknownFates(side));
    case 'reordered':
      return overtakenLater(side);
    case 'bad_checksums':
      return side.unverified === 0
        ? NO_DOUBT
        : { most: side.unverified, reason: `the checksums of ${side.unverified} segments could not be verified` };
    case 'syns':
      return side.flow.connection.sawHandshake
        ? NO_DOUBT
        : anyMore('the handshake was not captured: the capture begins in the middle of the connection');
    default:
      return NO_DOUBT;
  }
}

/** A retransmission looks like a first copy where that was lost before the point of capture. */
function lossesBefore(side: Side): Doubt {
  const reason = unseenLosses(side);
  return reason === null ? NO_DOUBT : anyMore(reason);
}

/** A retransmission that fills a hole shows that at least one copy was lost before. */
function repeatedLosses(side: Side): Doubt {
  if (isAtSender(side) || side.undelivered.length === side.lost.length) return NO_DOUBT;
  return anyMore(`captured ${whereText(side)}: of each hole it is known that at least one copy was lost, not how many`);
}

/** What was lost before the point of capture is not among the packets that were captured and lost. */
function notCaptured(side: Side): Doubt {
  if (isAtSender(side)) return NO_DOUBT;
  const isClean = unseenLosses(side) === null && side.undelivered.length === side.lost.length;
  if (isClean) return NO_DOUBT;
  return anyMore(
    `captured ${whereText(side)}: what was lost before it came there is not counted (undelivered counts what shows of it)`,
  );
}

function unknownFates({ unknownFates: most, endpoint }: Side): Doubt {
  if (most === 0) return NO_DOUBT;
  const what = most === 1 ? '1 segment' : `${most} segments`;
  return { most, reason: `the capture does not show whether ${what} of the ${endpoint.role} arrived` };
}

function overtakenLater(side: Side): Doubt {
  if (isAtReceiver(side) || side.endpoint.dataPackets === 0) return NO_DOUBT;
  return anyMore(`captured ${whereText(side)}: packets that overtake one another later do not show there`);
}
