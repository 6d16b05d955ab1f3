import type { Endpoint } from '../model/connection.ts';
import type { SegmentView } from '../model/segment.ts';

/** How many packets back, over all connections, a second copy is looked for. A power of two. */
const KEPT = 1 << 14;
/** How many packets of one sender are compared at the most. */
const DEPTH = 96;

/**
 * The latest packets in fixed memory, chained by sender, to recognise a packet that is seen twice. Consulted only for
 * packets that bring nothing new, so the usual packet costs one write.
 */
export class RecentPackets {
  private readonly serial = new Float64Array(KEPT).fill(-1);
  private readonly previous = new Float64Array(KEPT);
  private readonly frame = new Float64Array(KEPT);
  private readonly time = new Float64Array(KEPT);
  private readonly seq = new Uint32Array(KEPT);
  private readonly ack = new Uint32Array(KEPT);
  private readonly sizeAndFlags = new Uint32Array(KEPT);
  private readonly idAndTtl = new Int32Array(KEPT);
  private readonly window = new Uint16Array(KEPT);
  private readonly checksum = new Uint16Array(KEPT);
  private readonly tsVal = new Uint32Array(KEPT);
  private readonly place = new Int32Array(KEPT);
  private next = 0;

  /** What `find` found: frame, time (ns), TTL and place (interface and VLAN) of the earlier copy. */
  foundFrame = 0;
  foundTime = 0;
  foundTtl = 0;
  foundElsewhere = false;

  add(sender: Endpoint, view: SegmentView): void {
    const serial = this.next++;
    const i = serial & (KEPT - 1);
    this.serial[i] = serial;
    this.previous[i] = sender.recent;
    sender.recent = serial;
    this.frame[i] = view.frame;
    this.time[i] = view.time;
    this.seq[i] = view.seq;
    this.ack[i] = view.ack;
    this.sizeAndFlags[i] = (view.payloadLength << 12) | view.flags;
    this.idAndTtl[i] = (view.ipId << 8) | view.ttl;
    this.window[i] = view.rawWindow;
    this.checksum[i] = view.tcpChecksumFound;
    this.tsVal[i] = view.tsVal;
    this.place[i] = place(view);
  }

  /**
   * Looks for an earlier copy of the same packet: equal in every field that a sender would change when it sends again. With
   * an IP ID that is shown by the ID; without one only while less time than `shortest` (ns) has passed, in which the sender
   * could not have had a reason to repeat it.
   */
  find(sender: Endpoint, view: SegmentView, shortest: number): boolean {
    const sizeAndFlags = ((view.payloadLength << 12) | view.flags) >>> 0;
    let serial = sender.recent;
    for (let n = 0; n < DEPTH && serial >= 0; n++) {
      const i = serial & (KEPT - 1);
      if (this.serial[i] !== serial) return false;
      if (
        this.seq[i] === view.seq &&
        this.ack[i] === view.ack &&
        this.sizeAndFlags[i] === sizeAndFlags &&
        this.window[i] === view.rawWindow &&
        this.tsVal[i] === view.tsVal &&
        this.checksum[i] === view.tcpChecksumFound
      ) {
        const sameId = this.idAndTtl[i] >> 8 === view.ipId;
        const hasId = view.ipVersion === 4 && view.ipId !== 0;
        if (sameId && (hasId || view.time - this.time[i] < shortest)) {
          this.foundFrame = this.frame[i];
          this.foundTime = this.time[i];
          this.foundTtl = this.idAndTtl[i] & 255;
          this.foundElsewhere = this.place[i] !== place(view);
          return true;
        }
      }
      serial = this.previous[i];
    }
    return false;
  }
}

function place(view: SegmentView): number {
  return (view.interfaceId << 16) ^ ((view.vlan + 1) << 2) ^ view.vlanTags;
}
