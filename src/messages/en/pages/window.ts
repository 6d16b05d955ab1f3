import type { Page } from '../../page.ts';

/** Acknowledgments, windows and keep-alives. */
export const WINDOW_PAGES = {
  'zero-window': {
    title: 'The receiver closed its window',
    meaning:
      'The receiver announced a window of zero: its application does not read fast enough and the buffer is full. The sender must wait; it probes with growing intervals (persist timer) in case the update that opens the window is lost.',
    advice: 'Find out what keeps the receiving application from reading. A larger buffer only delays the problem.',
    not: 'A zero window on a RST, or after the other end has sent its FIN, stops nobody. One that opens again within 100 ms without a probe is only information.',
    wireshark: 'tcp.analysis.zero_window, zero_window_probe and zero_window_probe_ack',
  },
  'window-update-lost': {
    title: 'The window update was lost',
    meaning:
      'The window was open again, but the sender learnt of it only from the answer to a probe. Window updates carry no data and are not repeated; the probes exist for this case.',
    advice: 'The time between the update and the probe was wasted. See the losses of the other direction.',
    not: 'A window that opens between two probes came with an update that arrived. At a capture next to the receiver the update itself must be seen.',
    wireshark: 'tcp.analysis.zero_window_probe',
  },
  'window-full': {
    title: 'The receive window limits the sender',
    meaning:
      'The sender filled the window that the receiver offered and had to wait for it to move. The time until the window moved is added up.',
    advice:
      'Where the window is smaller than bandwidth times round trip, a larger receive buffer (and window scaling) helps. Where the application reads slowly, only faster reading helps. It is a warning where the waits take 200 ms or more, and at least a tenth of the duration.',
    not: 'Less than 50 ms in all is not reported: a flight often ends close to the edge because there was nothing more to send. Next to the receiver a window is hardly ever seen full: its newest ACK passes before the sender knows of it.',
    wireshark: 'tcp.analysis.window_full (exact equality only)',
  },
  'data-beyond-window': {
    title: 'Data beyond the window',
    meaning:
      'A segment reaches beyond the highest sequence number that its receiver ever allowed. The receiver drops what does not fit.',
    advice:
      'The sender ignores the window (or a window scale that a middlebox removed): check both and what lies between.',
    not: 'One byte beyond a closed window is a window probe. Without the handshake the scale is unknown and nothing is said.',
    wireshark: null,
  },
  'window-shrunk': {
    title: 'The receiver took back window that it had offered',
    meaning:
      'The right edge of the window moved to the left. RFC 9293 strongly discourages this: the sender may already have sent what does not fit any more.',
    advice: 'The receiver is short of memory, or its buffer was made smaller. Update the receiver, or tune its memory.',
    not: 'With window scaling the edge may move back by less than one unit of the scale, by rounding (RFC 7323 2.4). An old ACK that arrives late takes nothing back.',
    wireshark: null,
  },
  'out-of-order-discarded': {
    title: 'The receiver throws away what comes out of order',
    meaning:
      'At least three duplicate ACKs showed that later segments had arrived, and yet every byte of the flight had to be sent again: the receiver had kept none of them. RFC 9293 says that they should be held; small stacks without memory for that drop them.',
    advice:
      'Each loss costs a whole window. Switch on the queue for segments out of order at the receiver (on lwIP: TCP_QUEUE_OOSEQ) and SACK.',
    not: 'Where the ACK jumps over later segments once the gap is filled, they were kept. Copies that were not needed do not count.',
    wireshark: 'tcp.analysis.retransmission on each',
  },
  'sack-reneging': {
    title: 'The receiver threw away what it had reported by SACK',
    meaning:
      'An ACK stops at a byte that an earlier SACK block had reported, and that byte had to be sent again: the receiver did not hold it any more. RFC 2018 permits it where memory runs out, and discourages it. Senders wait for their timer before they believe it.',
    advice:
      'The receiver is short of memory for what comes out of order: give its sockets more (on Linux: net.ipv4.tcp_mem, tcp_rmem; TCPRcvPruned and TCPOFODrop in nstat count it), and look for what makes the losses.',
    not: 'Where a later ACK goes on over that byte without a repeat, the receiver had it and was only slow to say so. What was never reported by SACK is out-of-order-discarded.',
    wireshark: null,
  },
  'small-segments': {
    title: 'Data is written in very small pieces',
    meaning:
      'At least 50 segments with data carry 75 bytes or less on average, and the other end sends at most a quarter of them: the application writes its stream in pieces of a few bytes, with TCP_NODELAY or pauses between them. Headers outweigh the data.',
    advice:
      'Collect the data and write it at once, or use a buffered stream. Nagle helps only where acknowledgments are outstanding.',
    not: 'Typing at a terminal (telnet, ssh) is not reported: the other end answers each key. A receiver that opens its window in very small steps is silly-window.',
    wireshark: null,
  },
  'silly-window': {
    title: 'Silly window: the receiver opens its window in very small steps',
    meaning:
      'Again and again the window was opened by less than a full segment (and less than half of the largest window): the sender is made to send tiny segments, each with its headers.',
    advice:
      'A receiver is to wait until a full segment or half its buffer is free. Let its application read larger pieces, or update its TCP.',
    not: 'Fewer than five times may be a buffer that happens to fill; small segments of an application that sends little are not the window.',
    wireshark: null,
  },
  'keep-alive': {
    title: 'An idle connection is kept alive',
    meaning:
      'A segment with the number before the next one and no data (or one byte of old data) asks the other end whether it is still there. It answers with an ACK.',
    advice: 'Nothing.',
    not: 'One byte of data that was not acknowledged yet is a retransmission. Probes of a closed window look alike and belong to zero-window.',
    wireshark: 'tcp.analysis.keep_alive and keep_alive_ack',
  },
  'keep-alive-failure': {
    title: 'Keep-alives were not answered',
    meaning:
      'At least two keep-alive probes in a row were not answered, and then the sender reset the connection or the capture ended.',
    advice:
      'Check the path and the other host at the time of the first unanswered probe; a firewall that forgot the idle connection is a common reason.',
    not: 'A single unanswered probe may be a lost packet: TCP must not give up for it (RFC 9293 3.8.4).',
    wireshark: 'tcp.analysis.keep_alive on each probe',
  },
  'duplicate-acks': {
    title: 'Bursts of duplicate ACKs',
    meaning:
      'The receiver repeated its ACK at least three times in a row because segments arrived after a gap. It is how the sender learns of losses; the finding sums them up for one receiver.',
    advice: 'See the loss or reordering that they report.',
    not: 'Window updates, ACKs with data and keep-alive answers are not counted (RFC 5681 section 2); with SACK each must report something new.',
    wireshark: 'tcp.analysis.duplicate_ack (also on window updates, keep-alives and captured copies)',
  },
  'delayed-acks': {
    title: 'ACKs are held back',
    meaning:
      'Single segments were acknowledged only after a timer (40 to 500 ms), since the receiver waits for a second one or for data of its own to send along. A sender that waits for the ACK before it sends the rest (Nagle, RFC 9293 3.7.4) stands still for so long each time.',
    advice:
      'Write a request in one piece, or switch Nagle off (TCP_NODELAY) at the sender; TCP_QUICKACK at a Linux receiver.',
    not: 'Delays that differ much come from the path or from a busy host. Fewer than five delays, and ACKs of several segments, are not reported.',
    wireshark: 'tcp.analysis.ack_rtt (the value only; no expert information)',
  },
  'stretch-acks': {
    title: 'ACKs for more than two segments each',
    meaning:
      'Most ACKs cover more than two full segments. A receiver is to acknowledge at least every second one; receive offload, ACK thinning on the way and lossy return paths produce fewer, and the sender is clocked in bursts.',
    advice:
      'Usually nothing: receive offload (GRO, LRO) does that on purpose. Lost ACKs would be a reason to look at the return path.',
    not: 'Fewer than twenty of them, or less than half of all ACKs, are not reported.',
    wireshark: null,
  },
  'challenge-ack': {
    title: 'A challenge ACK',
    meaning:
      'The end repeated its ACK though there was nothing to acknowledge: the answer to a segment that may be forged (a RST or SYN in the window, an unacceptable ACK or sequence number). The true peer reacts to it; an attacker who does not see the connection cannot.',
    advice: 'See what provoked it; when that is not in the capture, it came from elsewhere.',
    not: 'Answers to keep-alives and window probes, duplicate ACKs for data after a gap, and window updates are not challenge ACKs.',
    wireshark: 'tcp.analysis.duplicate_ack or nothing',
  },
  'ack-of-unsent-data': {
    title: 'An ACK of data that was never sent',
    meaning:
      'The acknowledgment number lies above everything that the other end sent, as its next segments show (or above what it could have sent by the window). It is answered with an ACK and dropped: forged, or the two ends disagree about the connection.',
    advice:
      'Compare TTL and IP ID with those of the true sender; look for an injection or for a middlebox that changes sequence numbers.',
    not: 'If the data comes a moment later, the capture swapped the two: ack-before-data. If the sender goes on above it, the capture missed the data: missing-in-capture.',
    wireshark: 'tcp.analysis.ack_lost_segment',
  },
} as const satisfies Record<string, Page>;
