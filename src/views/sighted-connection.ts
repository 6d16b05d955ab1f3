import { ACK, RST, SYN } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { PlacedLoss, SeenConnection, Translated } from '../model/sight.ts';
import { AlikePackets, isSame, MAX_ALIKE } from './alike-packets.ts';
import { BySequence } from './by-sequence.ts';
import { linkParts } from './offload.ts';
import { pathOf, type Route } from './route.ts';
import { type PacketNumbers, PacketSight, SeenPacket } from './seen-packet.ts';
import { numbersOf, Share } from './share.ts';
import type { SightedFlow } from './sighted-flow.ts';
import { type CaptureVantage, Means, type Vantages } from './vantages.ts';

/** Vantages of one connection, more than `compare` follows: the work of a packet grows with their square. */
export const MAX_SHARES = 96;
/** A vantage that saw this share of what the best one saw is as complete. */
const AS_COMPLETE = 0.95;
/** `direction` of a sight. */
const RECEIVED = 1;
const SENT = 2;

/** One connection, or several after one another between the same sockets, as all vantages saw it. */
export class SightedConnection implements SeenConnection {
  readonly shares: Share[] = [];
  readonly losses: PlacedLoss[] = [];
  readonly route: Route;
  /** Its side 0 is the second host of the route. */
  readonly isTurned: boolean;
  client: 0 | 1 = 0;
  sawSyn = false;
  base: CaptureVantage | null = null;
  baseFlow: SightedFlow | null = null;
  private readonly waiting = new AlikePackets();
  private readonly bySequence = new BySequence();
  /** Some frame of a vantage was several, or a part of one, at another. */
  private hasParts = false;
  /** SYN of each side in the numbers of the first view, and the vantage that showed it. */
  private readonly isn: [number, number] = [-1, -1];
  private readonly isnAt: [CaptureVantage | null, CaptureVantage | null] = [null, null];
  /** After the highest number that each side has sent, and that its peer has acknowledged; NaN before the first. */
  private readonly sent: [number, number] = [Number.NaN, Number.NaN];
  private readonly acknowledged: [number, number] = [Number.NaN, Number.NaN];
  /** Where the packets of side 0 and of side 1 come in, by the first cooked header. */
  private readonly entrance: [CaptureVantage | null, CaptureVantage | null] = [null, null];

  constructor(route: Route, isTurned: boolean) {
    this.route = route;
    this.isTurned = isTurned;
  }

  /** Direction along the route of what `side` sends. */
  way(side: 0 | 1): 0 | 1 {
    return this.isTurned ? ((1 - side) as 0 | 1) : side;
  }

  /** There is room for what the vantage sees of it. */
  takes(vantage: CaptureVantage): boolean {
    return this.shares.length < MAX_SHARES || this.shares.some((share) => share.vantage === vantage);
  }

  /** There is room for all that was seen of the other one. */
  takesAll({ shares }: SightedConnection): boolean {
    const own = new Set(this.shares.map(({ vantage }) => vantage));
    return own.size + shares.filter(({ vantage }) => !own.has(vantage)).length <= MAX_SHARES;
  }

  shareOf(vantage: CaptureVantage): Share {
    for (const share of this.shares) if (share.vantage === vantage) return share;
    const share = new Share(this, vantage);
    this.shares.push(share);
    vantage.connections++;
    return share;
  }

  /** Finds the packet of which the segment is another view, or takes it for a new one. */
  enter(
    flow: SightedFlow,
    view: SegmentView,
    vantage: CaptureVantage,
    vantages: Vantages,
    rawKey: number,
  ): PacketSight {
    const side = flow.sideOf(view);
    const share = this.shareOf(vantage);
    if (view.flags & SYN) this.noteSyn(share, side, view);
    const numbers = numbersOf(share, side, view);
    let packet = this.find(share, side, numbers, view.time);
    let at = vantage;
    if (packet === null && vantage.means === Means.RECEIVED) {
      packet = this.findAgain(vantage, side, numbers);
      if (packet !== null) at = vantages.again(vantage);
    }
    if (packet === null && vantage.ifIndex >= 0 && view.direction === SENT) {
      packet = this.findTurned(vantage, side, numbers);
      if (packet !== null) at = vantages.turned(vantage);
    }
    if (vantage.means === Means.RECEIVED) this.entrance[side] ??= vantage;
    const isNew = packet === null;
    packet ??= this.begin(side, numbers);
    const sight = new PacketSight(at, packet, flow, view, rawKey);
    this.attach(sight);
    if (isNew) this.linkParts(sight);
    if (at !== vantage) this.shareOf(at).frames[side]++;
    else share.frames[side]++;
    return sight;
  }

  /** The frame's row leaves: when all of a packet's have left nothing can match it any more. */
  left(packet: SeenPacket): void {
    if (--packet.waiting > 0) return;
    this.bySequence.remove(packet);
    packet.overlaps = null;
    this.waiting.remove(packet);
  }

  get packets(): Iterable<SeenPacket[]> {
    return this.waiting.groups;
  }

  /** Takes over the packets of a connection that turned out to be this one, seen elsewhere. */
  absorb(other: SightedConnection, isFlipped: boolean): void {
    for (const { vantage, frames } of other.shares) {
      const share = this.shareOf(vantage);
      vantage.connections--;
      for (const side of [0, 1] as const) share.frames[isFlipped ? 1 - side : side] += frames[side];
    }
    const packets = other.waiting.all;
    other.waiting.clear();
    other.bySequence.clear();
    for (const packet of packets.sort((p, q) => p.sights[0].time - q.sights[0].time)) {
      const side = (isFlipped ? 1 - packet.side : packet.side) as 0 | 1;
      for (const sight of packet.sights) {
        const share = this.shareOf(sight.vantage);
        const match = this.find(share, side, packet, sight.time);
        sight.packet = match ?? this.begin(side, packet);
        this.attach(sight);
        if (match === null) this.linkParts(sight);
      }
    }
  }

  /** Chooses the view on which the analysis runs: the most complete one, and of several the one that served most connections. */
  choose(wanted: string | null): void {
    for (const alike of this.waiting.groups) for (const packet of alike) this.settle(packet);
    const { shares } = this;
    const named = shares.find(({ vantage, hasBoth }) => vantage.name === wanted && hasBoth);
    const whole = shares.filter((share) => share.hasBoth && this.flowsAt(share.vantage) === 1);
    const among = whole.length > 0 ? whole : shares;
    const complete = new Map(among.map((share) => [share, this.hasParts ? this.seenAt(share.vantage) : share.total]));
    const most = Math.max(...complete.values());
    const best = among
      .filter((share) => complete.get(share)! >= AS_COMPLETE * most)
      .sort((x, y) => y.vantage.chosen - x.vantage.chosen || y.total - x.total || x.vantage.index - y.vantage.index);
    const { vantage } = named ?? best[0];
    this.base = vantage;
    vantage.chosen++;
    for (const packet of this.waiting.all) {
      const sight = packet.at(vantage);
      if (sight === null) continue;
      this.baseFlow ??= sight.flow;
      for (const other of packet.sights) if (other !== sight) this.shareOf(other.vantage).shared++;
      for (const { other } of packet.overlaps ?? [])
        for (const part of other.sights) this.shareOf(part.vantage).shared++;
    }
  }

  /** Packets that wait of which the vantage saw all, whatever size its frames had. */
  private seenAt(vantage: CaptureVantage): number {
    let seen = 0;
    for (const alike of this.waiting.groups) for (const packet of alike) if (packet.isSeenAt(vantage)) seen++;
    return seen;
  }

  /** What the first cooked header leaves open: where a packet went out shows where the other side's come in. */
  settle(packet: SeenPacket): void {
    for (const sight of packet.sights) {
      if (sight.vantage.means !== Means.SENT) continue;
      const entrance = this.entrance[1 - packet.side];
      if (entrance === null || packet.at(entrance) !== null) continue;
      const share = this.shareOf(sight.vantage);
      if (--share.frames[packet.side] + share.frames[1 - packet.side] === 0) this.forget(share);
      this.shareOf(entrance).frames[packet.side]++;
      sight.vantage = entrance;
      const way = this.way(packet.side);
      for (const other of packet.sights) {
        if (other === sight || other.vantage.means === Means.SENT) continue;
        const delay = sight.time - other.time;
        this.route.note(other.vantage, entrance, way, delay, other.ttl - sight.ttl);
      }
    }
  }

  /** Nothing but the vantage missed it: its bytes arrived, and no other packet that went by there held them. */
  wasMissed(packet: SeenPacket, gaps: readonly [number, number][], next: CaptureVantage): boolean {
    const acknowledged = this.acknowledged[packet.side];
    if (packet.end === packet.seq) return next.misses.count > 0;
    const last = packet.seq + gaps[gaps.length - 1][1];
    if (Number.isNaN(acknowledged) || ((acknowledged - last) | 0) < 0 || packet.isRetransmission) return false;
    return gaps.every(([from, to]) => {
      const alike = this.bySequence.overlapping(packet.side, (packet.seq + from) | 0, (packet.seq + to) | 0);
      return !alike.some((other) => other !== packet && other.at(next) !== null);
    });
  }

  path(): CaptureVantage[] {
    const way = this.way(this.client);
    const { route } = this;
    const known = this.shares
      .map(({ vantage }) => vantage)
      .filter((vantage, _, all) => all.some((other) => route.precedes(vantage, other, way) !== 0));
    return pathOf(known, route, way);
  }

  /** Sockets and numbers that the packet has in the chosen view. */
  translate(packet: SeenPacket, to: Translated): void {
    const { baseFlow, base } = this;
    if (baseFlow === null || base === null) return;
    const { side } = packet;
    const from = baseFlow.socketOf(side);
    const peer = baseFlow.socketOf((1 - side) as 0 | 1);
    to.src0 = from.w0;
    to.src1 = from.w1;
    to.src2 = from.w2;
    to.src3 = from.w3;
    to.srcPort = from.port;
    to.dst0 = peer.w0;
    to.dst1 = peer.w1;
    to.dst2 = peer.w2;
    to.dst3 = peer.w3;
    to.dstPort = peer.port;
    const { shift } = this.shareOf(base);
    to.seq = (packet.seq + shift[side]) >>> 0;
    if (packet.flags & ACK) to.ack = (packet.ack + shift[1 - side]) >>> 0;
  }

  private forget(share: Share): void {
    this.shares.splice(this.shares.indexOf(share), 1);
    share.vantage.connections--;
  }

  private flowsAt(vantage: CaptureVantage): number {
    const flows = new Set<SightedFlow>();
    for (const alike of this.waiting.groups)
      for (const packet of alike)
        for (const sight of packet.sights) if (sight.vantage === vantage) flows.add(sight.flow);
    return flows.size;
  }

  private begin(side: 0 | 1, numbers: PacketNumbers): SeenPacket {
    const packet = new SeenPacket(this, side, numbers);
    const sent = this.sent[side];
    if (!(packet.flags & RST)) {
      packet.isRetransmission = ((packet.seq - sent) | 0) < 0;
      if (Number.isNaN(sent) || ((packet.end - sent) | 0) > 0) this.sent[side] = packet.end;
      const peer = 1 - side;
      const before = this.acknowledged[peer];
      if (packet.flags & ACK && (Number.isNaN(before) || ((packet.ack - before) | 0) > 0))
        this.acknowledged[peer] = packet.ack;
    }
    this.waiting.add(packet);
    this.bySequence.add(packet);
    return packet;
  }

  /** A frame that no other vantage has as it is may be a part of one, or several together. */
  private linkParts(sight: PacketSight): void {
    const { packet, vantage } = sight;
    if (packet.length === 0 || this.shares.length < 2) return;
    const linked = linkParts(sight, this.bySequence.overlapping(packet.side, packet.seq, packet.end), (other) =>
      this.unlikeness(other, this.shareOf(vantage), sight.time),
    );
    if (linked.length === 0) return;
    this.hasParts = true;
    if (packet.missingAt(linked.flatMap(({ sights }) => sights.map((one) => one.vantage))).length === 0)
      packet.isRetransmission = linked.some(({ isRetransmission }) => isRetransmission);
    for (const other of linked)
      for (const part of other.sights) {
        this.noteDelay(part, sight, true);
        if (part.vantage === this.base) this.shareOf(vantage).shared++;
        else if (vantage === this.base) this.shareOf(part.vantage).shared++;
      }
  }

  private attach(sight: PacketSight): void {
    const { packet, vantage } = sight;
    const { base } = this;
    this.route.passed(vantage, this.way(packet.side));
    for (const earlier of packet.sights) {
      this.noteDelay(earlier, sight);
      if (earlier.vantage === base) this.shareOf(vantage).shared++;
      else if (vantage === base) this.shareOf(earlier.vantage).shared++;
    }
    packet.sights.push(sight);
    packet.waiting++;
  }

  private noteDelay(earlier: PacketSight, later: PacketSight, isPart = false): void {
    earlier.vantage.isShared = true;
    later.vantage.isShared = true;
    if (earlier.vantage.means === Means.SENT || later.vantage.means === Means.SENT) return;
    const way = this.way(later.packet.side);
    this.route.note(earlier.vantage, later.vantage, way, later.time - earlier.time, earlier.ttl - later.ttl, isPart);
  }

  /** Of equal packets the one that would have taken the usual time. */
  private find(share: Share, side: 0 | 1, numbers: PacketNumbers, time: number): SeenPacket | null {
    const alike = this.waiting.like(side, numbers);
    const { vantage } = share;
    let best: SeenPacket | null = null;
    let least = Number.POSITIVE_INFINITY;
    let changed = 0;
    for (let i = Math.max(0, alike.length - MAX_ALIKE); i < alike.length; i++) {
      const packet = alike[i];
      if (!isSame(packet, side, numbers) || packet.isSeenAt(vantage)) continue;
      if (packet.ipId !== numbers.ipId && !share.ignoresIds) {
        changed++;
        continue;
      }
      const error = this.unlikeness(packet, share, time) + (packet.window === numbers.window ? 0 : 1e12);
      if (error < least) {
        least = error;
        best = packet;
      }
    }
    if (best !== null) share.idsAlike += best.ipId === numbers.ipId && best.ipId > 0 ? 1 : 0;
    else if (changed > 0 && numbers.length > 0) share.idsChanged++;
    return best;
  }

  /** Nanoseconds between the time that it took and the usual one. */
  private unlikeness(packet: SeenPacket, { vantage }: Share, time: number): number {
    const way = this.way(packet.side);
    let least = Number.POSITIVE_INFINITY;
    for (const sight of packet.sights) {
      const usual = this.route.usualDelay(sight.vantage, vantage, way);
      const delay = time - sight.time;
      const error = Math.abs(delay - (Number.isNaN(usual) ? 0 : usual));
      if (error < least) least = error;
    }
    return least;
  }

  /** A packet that this vantage has seen and whose second sight is still to come. */
  private findAgain(vantage: CaptureVantage, side: 0 | 1, numbers: PacketNumbers): SeenPacket | null {
    const alike = this.waiting.like(side, numbers);
    for (const packet of alike.slice(-MAX_ALIKE)) {
      if (!isSame(packet, side, numbers) || packet.ipId !== numbers.ipId || packet.at(vantage) === null) continue;
      if (!packet.sights.some((sight) => sight.vantage.means === Means.AGAIN)) return packet;
    }
    return null;
  }

  /** A packet that this interface received, and that now goes out of it. */
  private findTurned(vantage: CaptureVantage, side: 0 | 1, numbers: PacketNumbers): SeenPacket | null {
    const alike = this.waiting.like(side, numbers);
    for (const packet of alike.slice(-MAX_ALIKE)) {
      if (!isSame(packet, side, numbers) || packet.ipId !== numbers.ipId) continue;
      if (packet.at(vantage)?.direction !== RECEIVED) continue;
      if (!packet.sights.some((sight) => sight.vantage.means === Means.TURNED)) return packet;
    }
    return null;
  }

  /** Learns how the numbers of a vantage differ from those of the first view: by the SYNs. */
  private noteSyn(share: Share, side: 0 | 1, view: SegmentView): void {
    this.sawSyn = true;
    this.client = ((view.flags & ACK) !== 0 ? 1 - side : side) as 0 | 1;
    const { vantage, shift } = share;
    const isn = this.isn[side];
    if (isn === (view.seq - shift[side]) >>> 0) return;
    const at = this.isnAt[side];
    if (at === null || at === vantage) {
      this.isn[side] = view.seq;
      this.isnAt[side] = vantage;
      shift[side] = 0;
      this.sent[side] = Number.NaN;
      return;
    }
    for (const alike of this.waiting.groups) {
      for (const packet of alike) {
        const isAlike = packet.side === side && (packet.flags ^ view.flags) === 0 && packet.seq >>> 0 === isn;
        if (isAlike && packet.at(vantage) === null && packet.ipId === view.ipId) {
          shift[side] = (view.seq - isn) | 0;
          return;
        }
      }
    }
  }
}
