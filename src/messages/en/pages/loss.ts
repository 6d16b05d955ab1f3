import type { Page } from '../../page.ts';

/** Loss, retransmission, reordering and duplication. */
export const LOSS_PAGES = {
  'packet-loss': {
    title: 'Segments were lost and repaired by fast retransmission',
    meaning:
      'Segments did not arrive. Duplicate ACKs, SACK or RACK told the sender, which sent them again without waiting for its timer. One finding is one episode: it ends when everything sent up to its beginning is acknowledged.',
    advice:
      'Single losses at full speed are how congestion control finds the limit of a path. Many of them, or losses at low speed, point to a congested or faulty link or a policer.',
    not: 'Retransmissions that were not needed are spurious-retransmission; bytes that only the capture lacks are missing-in-capture; late segments that were not lost are reordering.',
    wireshark: 'tcp.analysis.fast_retransmission, often tcp.analysis.out_of_order or a plain retransmission',
  },
  'retransmission-timeout': {
    title: 'Segments were lost and repaired only by the retransmission timer',
    meaning:
      'Nothing told the sender of the loss, so its timer expired: the connection stood still for that long, and the sender starts again with a window of one segment. Every further timeout without an answer doubles the timer (backoff).',
    advice:
      'Look for bursts of loss, an outage of the path in either direction, or windows too small for fast retransmission (fewer than three segments after the lost one).',
    not: 'If the bytes had arrived, it is a spurious-retransmission; if nothing is ever heard again, peer-unresponsive. A probe that repeats the last segment of a flight after about two round trips is a tail loss probe: tail-loss.',
    wireshark: 'tcp.analysis.retransmission with tcp.analysis.rto',
  },
  'tail-loss': {
    title: 'The end of a flight was lost and repaired by a tail loss probe',
    meaning:
      'The last segments of a burst were lost. As nothing follows them, no duplicate ACK tells of it; after about two round trips the sender repeats the last segment as a probe, long before its retransmission timer.',
    advice: 'As for packet-loss. The delay is about two round trips instead of a timeout.',
    not: 'With one segment outstanding and a short round trip a probe and a timeout come at the same time and cannot be told apart for certain.',
    wireshark: 'tcp.analysis.retransmission',
  },
  'spurious-retransmission': {
    title: 'Retransmissions that were not needed',
    meaning:
      'The receiver already had what was sent again. It is shown by D-SACK (RFC 2883), by the echoed timestamp (Eifel), by an ACK that comes sooner than the retransmission could have caused, or by both copies passing a capture next to the receiver.',
    advice:
      'Look for a sudden rise of the delay (a timeout fired too early), for reordering deeper than the sender tolerates, or for lost ACKs.',
    not: 'A tail loss probe that turns out not to have been needed costs nearly nothing and is only information.',
    wireshark: 'tcp.analysis.spurious_retransmission, only where the ACK was captured before the retransmission',
  },
  'path-mtu-retransmission': {
    title: 'Segments were sent again smaller, after ICMP said they were too large',
    meaning:
      'A router reported that a packet does not fit its next link (fragmentation needed, packet too big); the sender repeats the data in smaller segments. That is Path MTU Discovery at work.',
    advice: 'A smaller MSS (clamping at the tunnel) avoids these retransmissions.',
    not: 'Segments that vanish without such a report are retransmission-timeout: possibly a router whose ICMP is filtered.',
    wireshark: 'tcp.analysis.retransmission',
  },
  retransmission: {
    title: 'Segments were sent again, cause not visible in this capture',
    meaning:
      'Bytes were sent again, neither after duplicate ACKs or SACK nor after a silence as long as a timer. What the sender knew is not visible at this point of capture.',
    advice: 'A capture at the sender shows what it was told.',
    not: 'Where the ACKs of the other direction were captured, the cause is normally known.',
    wireshark: 'tcp.analysis.retransmission',
  },
  'peer-unresponsive': {
    title: 'The other end does not answer any more',
    meaning:
      'Data was sent again at least three times with growing intervals and no answer came until the end of the capture or until the sender gave up.',
    advice:
      'Check the path (routing, firewall state, link) and the host at the time of the first unanswered segment. The firewall of the host itself may drop packets silently: a capture on that host shows them all the same.',
    not: 'A connection that goes on later had an outage: retransmission-timeout. Unanswered keep-alives without data are keep-alive-failure.',
    wireshark: 'tcp.analysis.retransmission on each',
  },
  'timeout-too-short': {
    title: 'The retransmission timer is shorter than the round trip',
    meaning:
      'At least three timeouts of one sender, and half of all, were not needed: the ACKs were still on their way. Each makes the sender begin again with a window of one segment.',
    advice:
      'Look for round trips that vary much (a mobile link, a full queue), or for a sender whose smallest timer was tuned down (on Linux: rto_min of the route).',
    not: 'One or two needless timeouts are a sudden rise of the delay: spurious-retransmission. Timeouts that follow one another without an answer are an outage and count once.',
    wireshark: 'tcp.analysis.spurious_retransmission',
  },
  'rate-policed': {
    title: 'Losses at a constant rate without a queue: a policer',
    meaning:
      'At least eight losses of one sender came at nearly the same rate of delivery each time (within 15 %), and at four of five of them no queue stood on the path: something drops what exceeds a rate instead of delaying it. Without a queue the round trip is at most a quarter above the shortest, and less than 2 ms above it, or less than four segments take at that rate where that is longer.',
    advice:
      'Ask who limits the rate (an access product, a cloud instance, a firewall). A shaper with a short queue, or a sender that paces below the rate, loses nothing.',
    not: 'Before a bottleneck with a queue the round trip rises before a loss. Random losses come at different rates. Reported only where the capture was made beside the sender.',
    wireshark: 'tcp.analysis.fast_retransmission on each loss',
  },
  'rate-shaped': {
    title: 'The path shapes the data to a rate (token bucket)',
    meaning:
      'While a queue stood, the data arrived at one rate, the same all the time. At first more passed than that rate allows: a bucket that was full of tokens let it through. A slow link lets nothing pass faster than its rate, so something on the path limits it on purpose: an access product, the limit of a virtual machine, a traffic control rule.',
    advice:
      'Compare the rate with what was ordered or configured. It is the rate of the data alone: headers come on top of it, some 5 % with full segments. Short transfers finish within the burst, so tests with them promise more than long transfers get.',
    not: 'A constant rate without the faster beginning may be the slowest link, and is not reported; `tcpscope congestion` shows that rate (bottleneck). Without a queue the sender or the application may set the pace. A policer drops what exceeds the rate: rate-policed. Beside the receiver only timestamps show the queue.',
    wireshark: 'Statistics, I/O Graphs',
  },
  'gap-not-filled': {
    title: 'A gap that the receiver reports and nobody fills',
    meaning:
      'The receiver tells by SACK that later bytes arrived and earlier ones did not, and the gap stays open until the end of the capture: for a second or more, and for more than three round trips. Its application gets nothing more.',
    advice:
      'Capture at the sender: if it sends these bytes again and again, the path drops them. Where only large segments are missing, suspect the path MTU.',
    not: 'A gap that closes later was a loss that was repaired. Where the sender repeats a segment that is larger than all that arrived, it is path-mtu-black-hole.',
    wireshark: 'tcp.analysis.duplicate_ack',
  },
  'path-mtu-black-hole': {
    title: 'Large segments never arrive, small ones do: a path MTU black hole',
    meaning:
      'The sender repeated one segment at least three times in vain. It is larger than every segment that arrived, and the receiver answers all the time. A link on the way drops large packets, and no ICMP message tells the sender of it.',
    advice:
      'Let ICMP "fragmentation needed" and "packet too big" pass, clamp the MSS at the tunnel, or switch on packetization layer path MTU discovery (on Linux: net.ipv4.tcp_mtu_probing).',
    not: 'If nothing arrives any more, it is peer-unresponsive. A segment that is no larger than others that arrived was lost for another reason.',
    wireshark: 'tcp.analysis.retransmission on each',
  },
  reordering: {
    title: 'Segments arrived in another order than they were sent',
    meaning:
      'Segments were overtaken on their way to the point of capture: IP IDs, timestamps or an arrival too soon for a retransmission show that they were sent earlier. The depth is how many segments of the same sender overtook one.',
    advice:
      'Look for packets of one connection that are spread over several links or queues. From a depth of three on, senders without RACK take reordering for loss (a warning then).',
    not: 'Segments that the sender repeated are retransmissions, even where they follow very soon. Swaps by the capture itself show in its times (capture-misordered), or in an ACK that stands before its data (ack-before-data).',
    wireshark: 'tcp.analysis.out_of_order (also on many fast retransmissions)',
  },
  'network-duplicate': {
    title: 'The network delivered packets twice',
    meaning:
      'The same packet (equal IP ID and checksum) passed twice with some delay: something on the way made a copy.',
    advice: 'Look for loops, bonded links, wireless bridges and redundant paths. TCP drops the copies.',
    not: 'Copies that come at the same moment, or with another TTL, VLAN or interface, or copies of data that their receiver never answers, were made by the capture: capture-duplicate. Retransmissions have a new IP ID.',
    wireshark: 'tcp.analysis.retransmission or tcp.analysis.duplicate_ack',
  },
  'payload-conflict': {
    title: 'The same place in the stream was sent with different content',
    meaning:
      'Two segments with valid checksums hold different bytes for the same place in the stream. A TCP sender never does that: one of them was injected, or a middlebox rewrites content. Which of the two the receiver used depends on its system.',
    advice:
      'Compare TTL and IP ID of the two packets with those of their neighbours to see which is foreign, and look for an attacker or an intercepting device.',
    not: 'Segments with wrong checksums are damaged: corrupted-segment. Equal ranges are compared as a whole, ranges that overlap in part by the first 16 bytes of the earlier segment; follow compares every byte.',
    wireshark: 'tcp.analysis.retransmission; tcp.segment.overlap.conflict during reassembly only',
  },
} as const satisfies Record<string, Page>;
