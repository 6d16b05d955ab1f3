import type { Page } from '../../page.ts';

/** Congestion control. */
export const CONGESTION_PAGES = {
  'ecn-marks': {
    title: 'The path marks congestion (ECN)',
    meaning:
      'The receiver echoes congestion marks (ECE) that routers set instead of dropping packets, until the sender tells by CWR that it has reduced its window.',
    advice: 'Nothing: that is how ECN works. Many marks show a path at its limit.',
    not: 'ECE and CWR in SYNs only negotiate ECN. Without that agreement the bits mean nothing and are not counted.',
    wireshark: 'tcp.flags.ece == 1',
  },
  'standing-queue': {
    title: 'The round trip rises with the load: a standing queue',
    meaning:
      'While much data was sent, the smoothed round trip grew to at least three times the shortest one, and by 50 ms or more: a buffer on the path stays full.',
    advice:
      'Everybody who shares the path waits in that queue. Use active queue management (fq_codel, CAKE) at the bottleneck, or shape below its rate.',
    not: 'Short transfers, small segments and captures far from the sender are not judged: there the measured time also holds delayed ACKs and the queue of the other direction.',
    wireshark: 'tcp.analysis.ack_rtt (the value only; no expert information)',
  },
  'initial-window-exceeded': {
    title: 'More than the initial window was sent at first',
    meaning:
      'Before anything was acknowledged the sender had more than ten segments under way. Some content networks do so on purpose to save round trips; on a narrow path the burst overflows the queue and costs more than it saves.',
    advice:
      'Look for losses in the first round trip. If there are any, configure a smaller initial window (on Linux: `initcwnd` of the route).',
    not: 'Ten segments of any size are allowed here, as most systems send them, although RFC 6928 allows fewer where segments are larger than 1460 bytes. Reported only where the capture was made beside the sender.',
    wireshark: null,
  },
  'window-growth-too-fast': {
    title: 'The congestion window grew too fast',
    meaning:
      'In slow start a window grows by what is acknowledged. This sender had more in flight than its initial window and all that had been acknowledged so far: no sender that follows RFC 5681 does that.',
    advice: 'The sender ignores slow start, or has no congestion window at all. Update it, or look for a changed TCP.',
    not: 'Four segments more are tolerated. A window that was kept open during a long idle time, or taken over from an earlier connection, does not exceed the bound. Reported only where the capture was made beside the sender.',
    wireshark: null,
  },
  'burst-after-timeout': {
    title: 'A burst after a timeout',
    meaning:
      'When the retransmission timer expires, the window goes back to one segment. This sender sent more than five in a row before any ACK came. If the path was congested, that makes it worse.',
    advice: 'The sender does not follow RFC 5681 and RFC 6298: update it.',
    not: 'Segments after an ACK are not counted: the ACK may have shown that the timeout was not needed (F-RTO, RFC 5682). Each further timeout allows one more segment.',
    wireshark: null,
  },
  'loss-without-reduction': {
    title: 'Losses did not reduce the window',
    meaning:
      'Three losses in a row were repaired by fast retransmission, and each time the sender had as much in flight in the next round trip as before. Reno goes on with half of it, CUBIC with 0.7.',
    advice: 'The sender takes more than its share of a path that others use. Check its congestion control.',
    not: 'A sender that keeps to a rate of its own instead of the ACKs (BBR) is not meant, nor one that the receive window limits, nor a retransmission that was not needed (D-SACK). Fewer than ten segments in flight show nothing.',
    wireshark: null,
  },
} as const satisfies Record<string, Page>;
