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
    not: 'Short transfers, small segments and captures far from the sender are not judged: there delayed ACKs and the other direction would count.',
    wireshark: 'tcp.analysis.ack_rtt, without a word',
  },
  'initial-window-exceeded': {
    title: 'More than the initial window was sent at first',
    meaning:
      'Before anything was acknowledged the sender had more than ten segments under way. Some content networks do so on purpose to save round trips; on a narrow path the burst overflows the queue and costs more than it saves.',
    advice:
      'Look for losses in the first round trip. If there are any, configure a smaller initial window (on Linux: `initcwnd` of the route).',
    not: 'Ten segments of any size are allowed here, as most systems send them, although RFC 6928 allows fewer where segments are larger than 1460 bytes. Said only of a sender beside which the capture was made.',
    wireshark: null,
  },
  'window-growth-too-fast': {
    title: 'The congestion window grew too fast',
    meaning:
      'In slow start a window grows by what is acknowledged. This sender had more in flight than its initial window and all that had been acknowledged so far: no conforming sender ever does.',
    advice: 'The sender opens its window at will, or pays no attention to one: update it, or look for a tuned stack.',
    not: 'Four segments more are tolerated. Windows that a long quiet time had left open, or that another connection handed on, do not exceed the bound. Said only of a sender beside which the capture was made.',
    wireshark: null,
  },
  'burst-after-timeout': {
    title: 'A burst after a timeout',
    meaning:
      'When the retransmission timer expires, the window goes back to one segment. This sender sent more than five in a row before it heard anything: if the path was congested, it makes that worse.',
    advice: 'The sender does not follow RFC 5681 and RFC 6298: update it.',
    not: 'What follows an ACK may be the answer to it (RFC 5682 takes a needless timeout back). One more segment for each further timeout is as it should be.',
    wireshark: null,
  },
  'loss-without-reduction': {
    title: 'Losses did not reduce the window',
    meaning:
      'Three losses in a row were repaired by fast retransmission, and each time the sender had as much in flight in the next round trip as before. Reno goes on with half of it, CUBIC with 0.7.',
    advice: 'The sender takes more than its share of a path that others use. Check its congestion control.',
    not: 'A sender that keeps to a rate of its own instead of the ACKs (BBR) is not meant, nor one that the receive window limits, nor a loss that was none (D-SACK). Fewer than ten segments in flight show nothing.',
    wireshark: null,
  },
} as const satisfies Record<string, Page>;
