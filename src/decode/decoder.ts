import type { CaptureRecord } from '../model/record.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import type { ShardOwner } from '../model/shard.ts';
import { beginView, clearIp, clearTcp } from './clear.ts';
import { Cursor, done, enterTunnel, Next } from './cursor.ts';
import { ethernet, etherType, llc } from './ethernet.ts';
import { type FragmentLimits, FragmentTable } from './fragments.ts';
import { icmp, icmpv6 } from './icmp.ts';
import { ip, ipv4 } from './ipv4.ts';
import { authentication, ipv6 } from './ipv6.ts';
import { link } from './link.ts';
import { mpls } from './mpls.ts';
import { PlainFrames } from './plain.ts';
import { ppp } from './ppp.ts';
import { Protocol } from './protocol.ts';
import { tcp } from './tcp.ts';
import { gre, udp } from './tunnels.ts';
import { wlan } from './wlan.ts';

export interface DecoderOptions {
  /** Verify the checksums of IPv4 headers and TCP segments; default true. Without, they are UNVERIFIED. */
  verifyChecksums?: boolean;
  /** Tunnels around a packet that are followed; default 8. Packets with more are NOT_TCP. */
  maxTunnels?: number;
  /** Bounds of IP reassembly. */
  fragments?: FragmentLimits;
  /** Whose segments are read: of others the sockets, numbers and flags, but neither options nor checksum. */
  owner?: ShardOwner;
}

/**
 * Records in, segments out. Keeps no state between packets but the fragments of unfinished datagrams.
 *
 * Layers are functions that read one header at the cursor, fill their fields of the view and return what comes next, so
 * that tunnels need no recursion. Every layer consumes octets, and reassembly happens once per tunnel, so the loop ends.
 */
export class Decoder {
  /** Datagrams that wait for fragments. */
  readonly fragments: FragmentTable;
  private readonly cursor = new Cursor();
  private readonly plain = new PlainFrames();

  constructor(options: DecoderOptions = {}) {
    this.fragments = new FragmentTable(options.fragments);
    this.cursor.verifyChecksums = options.verifyChecksums ?? true;
    this.cursor.maxTunnels = options.maxTunnels ?? 8;
    this.cursor.owner = options.owner ?? null;
  }

  /**
   * Decodes `record` into `view` and returns its status. The view borrows the record's buffer: it is valid as long as
   * that is, and in any case until the next call.
   */
  decode(record: CaptureRecord, view: SegmentView): number {
    if (this.decodePlain(record, view)) return DecodeStatus.TCP;
    const cursor = this.cursor;
    beginView(record, view);
    cursor.bytes = record.bytes;
    cursor.data = record.data;
    cursor.offset = record.offset;
    cursor.end = record.offset + record.capturedLength;
    // A record that says it holds more than there was on the wire is believed for what it holds.
    cursor.cut = record.originalLength > record.capturedLength;
    cursor.wireEnd = cursor.cut ? record.offset + record.originalLength : cursor.end;
    cursor.base = record.offset;
    cursor.linkType = record.linkType;
    cursor.quoted = false;
    cursor.reassembled = false;
    cursor.metIp = false;
    cursor.metTcp = false;

    let next = link(cursor, view);
    while (next !== Next.DONE) next = this.step(next, view);
    // A layer that was met has set all of its fields; of the others the view may still hold an earlier packet's.
    if (!cursor.metIp) clearIp(view);
    if (!cursor.metTcp) clearTcp(view);
    return view.status;
  }

  /** Decodes a segment in a plain frame, without tags or tunnels; false where `decode` has more to do, with the view as it was. */
  decodePlain(record: CaptureRecord, view: SegmentView): boolean {
    return this.plain.read(record, view, this.cursor);
  }

  private step(next: number, view: SegmentView): number {
    const cursor = this.cursor;
    switch (next) {
      case Next.TCP:
        return tcp(cursor, view);
      case Next.IPV4:
        return ipv4(cursor, view, this.fragments);
      case Next.IPV6:
        return ipv6(cursor, view, this.fragments);
      case Next.IP:
        return ip(cursor, view);
      case Next.PROTOCOL:
        return this.protocol(view);
      case Next.ETHERTYPE:
        return etherType(cursor, view);
      case Next.ETHERNET:
        return ethernet(cursor, view);
      case Next.LLC:
        return llc(cursor, view);
      case Next.PPP:
        return ppp(cursor, view);
      case Next.MPLS:
        return mpls(cursor, view);
      case Next.LINK:
        return link(cursor, view);
      case Next.WLAN:
        return wlan(cursor, view);
      default:
        throw new Error(`no layer ${next}`);
    }
  }

  /** What is in an IP packet, other than TCP right after the header. */
  private protocol(view: SegmentView): number {
    const cursor = this.cursor;
    switch (view.protocol) {
      case Protocol.TCP:
        return Next.TCP;
      case Protocol.UDP:
        return udp(cursor, view);
      case Protocol.ICMP:
        return view.ipVersion === 4 ? icmp(cursor, view) : done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
      case Protocol.ICMPV6:
        return view.ipVersion === 6 ? icmpv6(cursor, view) : done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
      case Protocol.GRE:
        return gre(cursor, view);
      case Protocol.IPV4:
        return enterTunnel(cursor, view) ? Next.IPV4 : done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
      case Protocol.IPV6:
        return enterTunnel(cursor, view) ? Next.IPV6 : done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
      case Protocol.MPLS:
        return enterTunnel(cursor, view) ? Next.MPLS : done(view, DecodeStatus.NOT_TCP, Layer.TUNNEL);
      case Protocol.AUTHENTICATION:
        return authentication(cursor, view, Layer.IPV4) === 0 ? Next.DONE : Next.PROTOCOL;
      default:
        return done(view, DecodeStatus.NOT_TCP, Layer.OTHER);
    }
  }
}
