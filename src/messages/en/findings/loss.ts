import type { End } from '../../message.ts';
import { content, count, duration, durations, list, nameOf, plural, rate, size, times, wasOrWere } from '../grammar.ts';

/** How an episode of repair ended. */
export interface Outcome {
  /** Nanoseconds from the first retransmission to the last acknowledgment, as its sender sees it; -1 unknown. */
  repaired: number;
  /** How much of that is the way between its sender and the capture and back: it is estimated. */
  repairAway: number;
  /** The repair took no longer, and may have been shorter: the first acknowledgment of it is not in the capture. */
  isUpperBound: boolean;
  /** It may be told that no acknowledgment came. */
  isOpen: boolean;
  /** How much of what was sent again is acknowledged, where not all is that was out by then. */
  acknowledged: 'none' | 'part' | 'all';
}

/** What was sent again, by what triggers, after how long. */
export interface Episode extends Outcome {
  sender: End;
  receiver: End;
  segments: number;
  bytes: number;
  needless: number;
  /** Retransmissions by trigger. */
  fast: number;
  /** Those that no timer brought about, whether or not the ACKs that did are in the capture. */
  told: number;
  timeouts: number;
  afterTimeout: number;
  probes: number;
  /** Some of the probes are no timeouts: with one segment outstanding both come at the same time (RFC 8985 section 7.2). */
  isSureProbe: boolean;
  /** Nanoseconds before each timeout or repeated SYN, and before each probe. */
  waits: readonly number[];
  probeWaits: readonly number[];
  /** The capture was made away from the sender: what was lost before it was not seen. */
  mayMiss: boolean;
  /** Nanoseconds without a packet of the sender before a timeout whose first copy did not pass the capture, 0 else. */
  silence: number;
  /** Some of what was sent again joins several segments: its bytes are not those that were lost. */
  isRepacked: boolean;
  /** The first packet with a D-SACK about it, 0 none, and how many there are. */
  dsackFrame: number;
  dsacks: number;
  /** Of a SYN: the other end acknowledged it, and its sender shows nothing of that. */
  isAnswered: boolean;
  /** It sent nothing but large segments again, in vain, and so many bytes of its data are all that had arrived before; -1 else. */
  arrivedBelow: number;
  /** Neither SACK nor timestamps are in use: nothing would tell that an acknowledgment was lost, and not the data. */
  isMute: boolean;
  /** Where packets of the sender were lost, over the whole connection, as far as several points of view tell. */
  places: readonly LossPlace[];
}

/** SYNs that were sent with rising TTLs. */
export interface Probes {
  sender: End;
  /** How many SYNs, and their first and last TTL. */
  segments: number;
  from: number;
  to: number;
}

/** So many packets passed one point of view and not the next. */
interface LossPlace {
  from: string;
  to: string;
  packets: number;
}

/** A packet by which two hosts can be told apart. */
export interface Origin {
  frame: number;
  ttl: number;
  /** TTL of the sender's first packet, -1 unknown. */
  usualTtl: number;
  /** -1 without. */
  ipId: number;
}

const traced = ({ sender, segments, from, to }: Probes) =>
  `${nameOf(sender)} sent its SYN ${times(segments)} with TTLs that rise from ${from} to ${to}: it traced the path, as traceroute does`;

const what = (bytes: number) => (bytes === 0 ? 'the FIN' : plural(bytes, 'byte'));

const OPEN = {
  none: '; no acknowledgment of this is in the rest of the capture',
  part: '; only a part of this is acknowledged in the rest of the capture',
  all: '; this was acknowledged',
} as const;

/** A part that was not measured is told apart. */
const repair = ({ repaired, repairAway, isUpperBound }: Outcome) => {
  const bound = isUpperBound ? 'at most ' : repairAway > 0 ? 'about ' : '';
  const away = repairAway > 0 ? ` (${duration(repairAway)} of it estimated)` : '';
  return `; repaired after ${bound}${duration(repaired)}${away}`;
};

const outcome = (end: Outcome) => (end.repaired >= 0 ? repair(end) : end.isOpen ? OPEN[end.acknowledged] : '');

/** A handshake is counted from its first packet on, where all waits since then are known. */
const answer = (e: Episode) =>
  e.repaired >= 0 && e.waits.length === e.segments
    ? `; the answer came ${duration(e.waits[0] + e.repaired)} after the first`
    : outcome(e);

const again = (waits: readonly number[]) => (waits.length === 0 ? '' : `, again after ${durations(waits)}`);

/** How long it waited each time, where that is known of all. */
const patience = ({ segments, probeWaits, waits }: Episode) => {
  const all = [...probeWaits, ...waits];
  const times = durations(all);
  return all.length === 0
    ? ''
    : all.length < segments
      ? `, some of them after ${times} of silence`
      : `, after ${times}`;
};

const spare = (needless: number) =>
  needless === 0 ? '' : ` ${plural(needless, 'retransmission was', 'retransmissions were')} not needed.`;

const where = ({ places, sender: { role } }: Episode) =>
  places
    .map(
      ({ from, to, packets }) =>
        ` In all of the connection ${plural(packets, 'packet')} of the ${role} ${wasOrWere(packets)} lost between ${from} and ${to}.`,
    )
    .join('');

/** With one segment outstanding a probe leaves when the timer would expire (RFC 8985 section 7.2). */
const probe = ({ isSureProbe }: Episode) => (isSureProbe ? 'tail loss probe' : 'tail loss probe or timeout');

/** What was sent again beside the timeouts that are counted. */
const probed = (e: Episode) => {
  const after = e.probeWaits.length === 0 ? '' : `, after ${durations(e.probeWaits)}`;
  return e.probes === 0
    ? ''
    : ` ${plural(e.probes, 'segment was', 'segments were')} sent again by ${probe(e)}${after}.`;
};

/** What triggers them is known of all. */
const isExplained = ({ segments, told, timeouts, afterTimeout, probes }: Episode) =>
  told + timeouts + afterTimeout + probes >= segments;

/** One D-SACK speaks of one repeat (RFC 2883 section 4): of the others the ACKs tell, by their timestamps and numbers. */
const shownBy = ({ dsackFrame, dsacks, segments }: Episode) =>
  dsacks === 0
    ? ''
    : dsacks === 1
      ? `, as its D-SACK in packet ${dsackFrame}${segments > 1 ? ' and its ACKs say' : ' says'}`
      : `, as its D-SACKs from packet ${dsackFrame} on say`;

function triggers(e: Episode): string {
  const { fast, told, timeouts, afterTimeout, probes, waits } = e;
  const names: string[] = [];
  // The answer to a probe tells of what else is lacking.
  if (fast > 0 || (probes > 0 && told > 0)) names.push('fast retransmission');
  if (timeouts > 0) names.push(waits.length === 0 ? 'timeout' : `timeout after ${durations(waits)}`);
  if (afterTimeout > 0) names.push('recovery after a timeout');
  if (probes > 0) names.push(probe(e));
  return names.length === 0 ? '' : ` by ${list(names)}`;
}

function origin({ ttl, usualTtl, ipId }: Origin): string {
  const foreign = usualTtl >= 0 && usualTtl !== ttl ? `, where its first packet had ${usualTtl}` : '';
  return `TTL ${ttl}${foreign}${ipId >= 0 ? `, IP ID ${ipId}` : ''}`;
}

function timeout(e: Episode): string {
  const rest = e.afterTimeout;
  const further =
    rest > 0 ? ` ${plural(rest, 'further segment was', 'further segments were')} sent again after that.` : '';
  const told = e.told > 0 ? ` ${plural(e.told, 'segment was', 'segments were')} sent again without a timeout.` : '';
  const silence = e.silence > 0 ? `, in ${duration(e.silence)} of silence` : '';
  const waits = e.waits.length === 0 ? silence : `, after ${durations(e.waits)}`;
  return `The retransmission timer of ${nameOf(e.sender)} expired ${e.mayMiss ? 'at least ' : ''}${times(Math.max(e.timeouts, 1))}${waits}${outcome(e)}.${further}${probed(e)}${told}${where(e)}${spare(e.needless)}${tooLarge(e)}`;
}

const tooLarge = ({ arrivedBelow }: Episode) =>
  arrivedBelow < 0
    ? ''
    : arrivedBelow === 0
      ? ' None of its data has arrived on this connection, only packets without: the path may drop large ones (MTU).'
      : ` No segment of more than ${plural(arrivedBelow, 'byte')} of it has arrived on this connection: the path may drop larger ones (MTU).`;

const place = (start: number, end: number) =>
  end - start === 1 ? `Byte ${count(start)}` : `Bytes ${count(start)} to ${count(end - 1)}`;

export const LOSS = {
  'packet-loss': {
    cause: 'lost on the way',
    text: (e: Episode) => {
      const needed = e.segments - e.needless;
      const amount = e.needless === 0 && !e.isRepacked ? ` (${what(e.bytes)})` : '';
      return `${plural(needed, 'segment')} of ${nameOf(e.sender)}${amount} ${wasOrWere(needed)} lost and sent again${triggers(e)}${outcome(e)}.${where(e)}${spare(e.needless)}`;
    },
  },
  'retransmission-timeout': {
    // Where some of it was not needed the data may all have arrived, and only an ACK is missing.
    cause: (e: Episode) =>
      e.isMute || e.needless > 0
        ? 'the data or its acknowledgment was lost, and nothing told the sender before its timer expired'
        : 'nothing told the sender of the loss before its timer expired',
    text: timeout,
  },
  'retransmission-timeout.passed': {
    cause: 'lost after the capture, or not taken by the receiving host',
    text: (e: Episode) =>
      `${timeout(e)} The first copies had passed the capture, close to ${nameOf(e.receiver)}: they were lost after it, or that host did not take them, as with a full accept queue.`,
  },
  'tail-loss': {
    cause: 'the last segments of a flight were lost',
    text: (e: Episode) =>
      `The end of a flight of ${nameOf(e.sender)} (${what(e.bytes)}) was lost; a probe${e.isSureProbe ? '' : ' or a timeout'}${e.probeWaits.length === 0 ? '' : ` ${durations(e.probeWaits)} later`} sent it again${outcome(e)}.${where(e)}`,
  },
  'spurious-retransmission': {
    cause: (e: Episode) =>
      e.timeouts > 0
        ? 'a timeout that came too early, or lost ACKs'
        : e.fast > 0
          ? 'reordering taken for loss'
          : e.probes > 0
            ? 'a probe while the ACK was on its way'
            : 'cause not visible in this capture',
    text: (e: Episode) =>
      `${plural(e.segments, 'retransmission')} of ${nameOf(e.sender)} (${what(e.bytes)})${isExplained(e) ? triggers(e) : ''} ${wasOrWere(e.segments)} not needed: the receiver had the data already${shownBy(e)}.`,
  },
  'path-mtu-retransmission': {
    cause: 'too large for the path',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent ${plural(e.bytes, 'byte')} again in ${plural(e.segments, 'segment')} that fit the path.`,
  },
  retransmission: {
    cause: 'cause not visible in this capture',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent ${plural(e.segments, 'segment')} (${what(e.bytes)}) again, cause not visible in this capture.`,
  },
  'peer-unresponsive': {
    cause: 'no answer to repeated data',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent ${plural(e.segments, 'segment')} again${patience(e)}; no answer from ${nameOf(e.receiver)}.${tooLarge(e)}`,
  },
  'peer-unresponsive.closing': {
    cause: 'no answer to the end of the connection',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent the end of its stream ${times(e.segments)} again${patience(e)}; no answer from ${nameOf(e.receiver)}, which had closed already.`,
  },
  'syn-retransmission': {
    cause: 'SYN or its answer lost or late',
    text: (e: Episode) =>
      `${nameOf(e.sender)} had to send its SYN ${times(e.segments + 1)}${again(e.waits)}${e.isOpen && e.isAnswered ? `; ${nameOf(e.receiver)} answered, but nothing shows that an answer arrived` : answer(e)}.${spare(e.needless)}`,
  },
  'syn-retransmission.refused': {
    cause: 'that end still has an earlier connection',
    text: (e: Episode) =>
      `${nameOf(e.sender)} had to send its SYN ${times(e.segments + 1)}${again(e.waits)}, because ${nameOf(e.receiver)} answered with an ACK of an earlier connection${answer(e)}.`,
  },
  'syn-ack-retransmission': {
    cause: 'SYN,ACK or its ACK lost or late',
    text: (e: Episode) =>
      `${nameOf(e.sender)} had to send its SYN,ACK ${times(e.segments + 1)}${again(e.waits)}${answer(e)}.`,
  },
  'syn-ack-retransmission.answers': {
    cause: 'a SYN that came again',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent its SYN,ACK ${times(e.segments + 1)}: ${e.segments === 1 ? 'the second' : 'each further one'} answers a SYN that came again, and no timer sent it${outcome(e)}.`,
  },
  'syn-retransmission.traced': {
    cause: 'a traceroute',
    text: (probes: Probes) => `${traced(probes)}.`,
  },
  'syn-unanswered.traced': {
    cause: 'a traceroute',
    text: (probes: Probes) => `${traced(probes)}; the other end did not answer.`,
  },
  'syn-unanswered.repeated': {
    cause: 'no answer at all',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent its SYN ${times(e.segments + 1)}${e.waits.length === 0 ? '' : `, waiting ${durations(e.waits)} in between`}, and no answer is in the capture.`,
  },
  'half-open.repeated': {
    cause: 'the SYN,ACK was never acknowledged',
    text: (e: Episode) =>
      `${nameOf(e.sender)} sent its SYN,ACK ${times(e.segments + 1)}${again(e.waits)}, and the handshake was never completed.`,
  },
  'timeout-too-short': {
    cause: 'a timer below the round trip',
    text: ({
      sender,
      needless,
      timeouts,
      shortest,
    }: {
      sender: End;
      needless: number;
      timeouts: number;
      shortest: number;
    }) =>
      `${count(needless)} of ${plural(timeouts, 'timeout')} of ${nameOf(sender)} were not needed, the shortest after ${duration(shortest)}: the ACKs were still on their way.`,
  },
  'rate-policed': {
    cause: 'what exceeds a rate is dropped',
    text: ({ sender, losses, bitsPerSecond }: { sender: End; losses: number; bitsPerSecond: number }) =>
      `${plural(losses, 'loss', 'losses')} of ${nameOf(sender)} came at a rate of ${rate(bitsPerSecond)} each time, without a queue: a policer drops what exceeds it.`,
  },
  'rate-shaped': {
    cause: 'a shaper limits the rate',
    text: ({ sender, bitsPerSecond, burst }: { sender: End; bitsPerSecond: number; burst: number }) =>
      `The data of ${nameOf(sender)} is shaped to about ${rate(bitsPerSecond)}: about ${size(burst)} passed faster at first, then the rate stayed the same while a queue stood.`,
  },
  'gap-not-filled': {
    cause: 'lost, and not repaired',
    text: (g: {
      sender: End;
      receiver: End;
      bytes: number;
      start: number;
      frame: number;
      waited: number;
      repeats: number;
      /** Bytes of the largest segment that arrived, where much larger ones may be sent; null where that says nothing. */
      largest: number | null;
      mss: number;
    }) => {
      const repeats =
        g.repeats === 0 ? 'No repeat of them came here' : `They were sent again ${times(g.repeats)} in vain`;
      const sizes =
        g.largest === null
          ? ''
          : ` No segment of more than ${plural(g.largest, 'byte')} arrived, though the MSS allows ${count(g.mss)}: the path may drop large packets.`;
      return `${nameOf(g.receiver)} lacks ${plural(g.bytes, 'byte')} of ${nameOf(g.sender)} from offset ${count(g.start)} on, as it told from packet ${g.frame} on; in the ${duration(g.waited)} that followed nothing showed that they came. ${repeats}.${sizes}`;
    },
  },
  'path-mtu-black-hole': {
    cause: 'a link on the way drops large packets, and no ICMP tells of it',
    text: ({ sender, size, largest, repeats }: { sender: End; size: number; largest: number; repeats: number }) =>
      `Segments of ${plural(size, 'byte')} from ${nameOf(sender)} never arrive (sent again ${times(repeats)}), segments of up to ${plural(largest, 'byte')} do: the path drops large packets.`,
  },
  reordering: {
    cause: 'overtaken on the way',
    text: ({ sender, segments, deepest, latest }: { sender: End; segments: number; deepest: number; latest: number }) =>
      `${plural(segments, 'segment')} of ${nameOf(sender)} came out of order: ${deepest === 0 ? 'after their own retransmissions' : `overtaken by up to ${plural(deepest, 'later segment')}`} and up to ${duration(latest)} late.`,
  },
  'network-duplicate': {
    cause: 'the same packet came twice over the network',
    text: ({ copies, frame, original }: { copies: number; frame: number; original: number }) =>
      `The network delivered ${plural(copies, 'packet')} twice. The first is packet ${frame}, a copy of ${original}.`,
  },
  'payload-conflict.shown': {
    cause: 'injected or rewritten',
    text: ({
      sender,
      start,
      earlier,
      later,
      mine,
      other,
      isOneSender,
      isOnePacket,
    }: {
      sender: End;
      /** Offset in the stream. */
      start: number;
      earlier: Uint8Array;
      later: Uint8Array;
      mine: Origin;
      other: Origin;
      /** TTL and IP ID are as one host gives them. */
      isOneSender: boolean;
      /** TTL and IP ID are those of one packet. */
      isOnePacket: boolean;
    }) =>
      `${place(start, start + later.length)} of ${nameOf(sender)} ${later.length === 1 ? 'is' : 'are'} ${content(later)} in packet ${mine.frame} (${origin(mine)}) and ${wasOrWere(later.length)} ${content(earlier)} in packet ${other.frame} (${origin(other)}): ${isOneSender ? 'its TTL and IP IDs are those of one sender, which sent two contents for the same place' : isOnePacket ? 'TTL and IP ID are those of one packet, which was rewritten on its way or in the file' : 'one of the two is forged or rewritten'}.`,
  },
  'payload-conflict.sums': {
    cause: 'injected or rewritten',
    text: ({
      sender,
      start,
      end,
      mine,
      original,
    }: {
      sender: End;
      start: number;
      end: number;
      mine: Origin;
      original: number;
    }) =>
      `${place(start, end)} of ${nameOf(sender)} in packet ${mine.frame} (${origin(mine)}) differ from those of packet ${original} at the same place: one of the two is forged or rewritten (follow shows both).`,
  },
};
