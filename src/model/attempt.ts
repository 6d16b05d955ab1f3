import { formatAddress, formatEndpoint } from './address.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { SYN } from './flags.ts';
import { DOUBLE_ZERO } from './packed.ts';
import type { SegmentView } from './segment.ts';
import { Phase } from './summary.ts';

/** A packet that is not answered is sent once more. */
const MOST_STRAYS = 2;

/** A SYN, perhaps its answer, and nothing of a connection after it; or packets that belong to none. */
export function isAttempt(connection: Connection): boolean {
  const { a, b, client } = connection;
  if (a.dataPackets > 0 || b.dataPackets > 0) return false;
  if (!connection.sawHandshake) return isStray(a, b);
  return client.lastAck < 1 && Number.isNaN(connection.handshakeTime) && a.finEnd < 0 && b.finEnd < 0;
}

/**
 * A packet or two that no host sends in a connection (without SYN and without ACK), or that a reset answered or was: floods, scans and what
 * their victims send to forged addresses. One with an ACK that nothing answered may be of a connection that goes on.
 */
function isStray(a: Endpoint, b: Endpoint): boolean {
  if (a.packets > MOST_STRAYS || b.packets > MOST_STRAYS) return false;
  return a.phase === Phase.RESET || b.phase === Phase.RESET || (a.lastAck < 0 && !b.seen);
}

/** An end of an attempt: what those who count attempts ask of an `Endpoint`. */
export interface AttemptEnd {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly port: number;
  readonly address: string;
  readonly name: string;
  /** A segment of this end was seen; its SYN. */
  readonly seen: boolean;
  readonly hasIss: boolean;
  readonly unansweredKind: number;
  readonly unansweredCopies: number;
  readonly connection: { readonly ipVersion: number };
}

/** What those who count attempts ask of a `Connection`. */
export interface Attempt {
  readonly ipVersion: number;
  readonly firstFrame: number;
  readonly firstTime: number;
  readonly icmpError: boolean;
  readonly client: AttemptEnd;
  readonly server: AttemptEnd;
}

class SynEnd implements AttemptEnd {
  w0 = 0;
  w1 = 0;
  w2 = 0;
  w3 = 0;
  port = 0;
  readonly connection: FirstSyn;
  readonly seen: boolean;
  readonly hasIss: boolean;
  readonly unansweredKind: number;
  readonly unansweredCopies: number;

  constructor(connection: FirstSyn, unansweredKind: number) {
    const isSender = unansweredKind !== 0;
    this.connection = connection;
    this.unansweredKind = unansweredKind;
    this.unansweredCopies = isSender ? 1 : 0;
    this.seen = this.hasIss = isSender;
  }

  get address(): string {
    return formatAddress(this.connection.ipVersion, this.w0, this.w1, this.w2, this.w3);
  }

  get name(): string {
    return formatEndpoint(this.connection.ipVersion, this.address, this.port);
  }
}

/** A first SYN that nobody answered, as it leaves the analysis. One object, reused: whoever takes it copies what is to stay. */
export class FirstSyn implements Attempt {
  ipVersion = 0;
  firstFrame = 0;
  firstTime: number = DOUBLE_ZERO;
  readonly icmpError = false;
  readonly client: SynEnd;
  readonly server: SynEnd;

  constructor() {
    this.client = new SynEnd(this, SYN);
    this.server = new SynEnd(this, 0);
  }

  /** Becomes the one of that SYN. */
  take(view: SegmentView): void {
    const { client, server } = this;
    this.ipVersion = view.ipVersion;
    this.firstFrame = view.frame;
    this.firstTime = view.time;
    client.w0 = view.src0;
    client.w1 = view.src1;
    client.w2 = view.src2;
    client.w3 = view.src3;
    client.port = view.srcPort;
    server.w0 = view.dst0;
    server.w1 = view.dst1;
    server.w2 = view.dst2;
    server.w3 = view.dst3;
    server.port = view.dstPort;
  }
}
