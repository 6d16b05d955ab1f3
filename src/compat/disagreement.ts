import type { PacketRow } from '../model/row.ts';
import { Cause, Kind, type Verdict } from '../model/verdict.ts';
import { WiresharkFlag } from '../model/wireshark.ts';

/** What can be said of a segment as a whole, the strongest first. */
const CLAIMS: ReadonlyArray<readonly [number, string]> = [
  [WiresharkFlag.SPURIOUS_RETRANSMISSION, 'spurious retransmission'],
  [WiresharkFlag.FAST_RETRANSMISSION, 'fast retransmission'],
  [WiresharkFlag.RETRANSMISSION, 'retransmission'],
  [WiresharkFlag.OUT_OF_ORDER, 'out of order'],
  [WiresharkFlag.ZERO_WINDOW_PROBE, 'zero window probe'],
  [WiresharkFlag.KEEP_ALIVE, 'keep-alive'],
  [WiresharkFlag.DUPLICATE_ACK, 'duplicate ACK'],
  [WiresharkFlag.WINDOW_UPDATE, 'window update'],
];

/** Flags that only an ordinary ACK can have: no claim that it is something else. */
const OF_AN_ACK = WiresharkFlag.DUPLICATE_ACK | WiresharkFlag.WINDOW_UPDATE;

/**
 * Where the verdict on a packet is not what Wireshark's flags say: one short sentence. Null where they agree, and where
 * neither says anything. To be asked when the row is released: until then the verdict can change.
 */
export function disagreement(row: PacketRow): string | null {
  const { verdict, wireshark } = row;
  if (verdict === null || wireshark === null) return null;
  const { flags } = wireshark;
  if (verdict.differs) return `Wireshark does not say that the payload is not that of #${verdict.original}.`;
  if (!agrees(verdict, flags)) {
    const claim = CLAIMS.find(([bit]) => flags & bit);
    const said = claim === undefined ? 'nothing of it' : `"${claim[1]}"`;
    return `Wireshark says ${said}; it is ${truth(verdict)}.`;
  }
  if (!wireshark.isGapWrong) return null;
  return flags & WiresharkFlag.LOST_SEGMENT
    ? 'Wireshark says that a segment before it was not captured; the capture holds all that was sent.'
    : 'Wireshark says that it acknowledges what was not captured; the capture holds all of it.';
}

function agrees(verdict: Verdict, flags: number): boolean {
  switch (verdict.kind) {
    case Kind.RETRANSMISSION:
      return agreesOnRetransmission(verdict, flags);
    case Kind.REORDERED:
      return (flags & WiresharkFlag.OUT_OF_ORDER) !== 0;
    case Kind.DUPLICATE:
      return false;
    case Kind.KEEP_ALIVE:
      return (flags & WiresharkFlag.KEEP_ALIVE) !== 0;
    case Kind.WINDOW_PROBE:
      return (flags & WiresharkFlag.ZERO_WINDOW_PROBE) !== 0;
    default:
      return CLAIMS.every(([bit]) => bit & OF_AN_ACK || !(flags & bit));
  }
}

/** "Retransmission" alone is one that is neither fast nor spurious; the sorts that Wireshark does not know count as it. */
function agreesOnRetransmission(verdict: Verdict, flags: number): boolean {
  if (!(flags & WiresharkFlag.RETRANSMISSION)) return false;
  if (flags & WiresharkFlag.SPURIOUS_RETRANSMISSION) return verdict.spurious;
  if (verdict.spurious) return false;
  const isFast = (flags & WiresharkFlag.FAST_RETRANSMISSION) !== 0;
  return verdict.cause === Cause.UNKNOWN || isFast === (verdict.cause === Cause.FAST);
}

function truth(verdict: Verdict): string {
  switch (verdict.kind) {
    case Kind.RETRANSMISSION:
      return retransmission(verdict);
    case Kind.REORDERED:
      if (verdict.byCapture) return `no repetition: the capture has it after #${verdict.original}`;
      return `no repetition: ${verdict.depth === 1 ? 'a later segment' : `${verdict.depth} later segments`} overtook it`;
    case Kind.DUPLICATE:
      return `#${verdict.original} once more, ${verdict.byCapture ? 'captured twice' : 'doubled by the network'}`;
    case Kind.KEEP_ALIVE:
      return 'a keep-alive';
    case Kind.WINDOW_PROBE:
      return 'a window probe';
    case Kind.NEW:
      return 'sent for the first time';
    default:
      return 'a plain ACK';
  }
}

function retransmission(verdict: Verdict): string {
  const sort = verdict.cause === Cause.FAST ? 'a fast retransmission' : 'a retransmission';
  const of = verdict.original > 0 ? ` of #${verdict.original}` : '';
  return `${sort}${of}${OCCASIONS[verdict.cause] ?? ''}${verdict.spurious ? ' that was not needed' : ''}`;
}

const OCCASIONS: Readonly<Record<number, string>> = {
  [Cause.RTO]: ' after a timeout',
  [Cause.RTO_RECOVERY]: ' in the recovery from a timeout',
  [Cause.TLP]: ' as a tail loss probe',
  [Cause.PMTU]: ' in a smaller size',
};
