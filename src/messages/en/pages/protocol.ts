import type { Page } from '../../page.ts';

/** What the RFCs forbid, what looks forged, and what routers say. */
export const PROTOCOL_PAGES = {
  'illegal-flags': {
    title: 'A combination of flags that makes no sense',
    meaning:
      'SYN with FIN or RST, RST with FIN, or none of ACK, SYN and RST. No stack sends such segments; scanners do, to see how a host reacts.',
    advice: 'Drop them at the firewall; look for a scan.',
    not: 'SYN with ECE and CWR asks for ECN; PSH, URG and the ECN bits may stand with any data segment.',
    wireshark: null,
  },
  'reserved-bits': {
    title: 'Reserved header bits are set',
    meaning:
      'The reserved bits must be zero when sent. The lowest of the four is AE of accurate ECN by now and is not counted.',
    advice: 'Look for a broken TCP, a damaged packet or a covert channel.',
    not: 'AE, CWR and ECE together on a SYN negotiate accurate ECN.',
    wireshark: 'tcp.flags.res',
  },
  'window-scale-too-large': {
    title: 'A window scale above 14',
    meaning: 'A shift count above 14 is an error; the receiver uses 14 instead.',
    advice: 'Fix the stack or the middlebox that wrote it.',
    not: '14 itself is allowed.',
    wireshark: 'tcp.options.wscale.shift.invalid',
  },
  'malformed-options': {
    title: 'Malformed TCP options',
    meaning:
      'An option has an impossible length or runs beyond the header. What follows it cannot be read; the rest of the segment is used.',
    advice: 'Look for a broken TCP or a middlebox that rewrites options.',
    not: 'Unknown options with a proper length are skipped. Options that the snapshot length cut are not judged.',
    wireshark: 'tcp.option.len.invalid',
  },
  'urgent-data': {
    title: 'Urgent data',
    meaning:
      'Segments carry the URG flag (out-of-band data of the sockets interface). New applications should not use it: systems disagree on which byte is meant, and middleboxes remove the flag.',
    advice: 'Expected with telnet, rlogin and old FTP. Elsewhere find out which application uses it, and why.',
    not: 'A pointer without the flag means nothing: urgent-pointer-unused.',
    wireshark: null,
  },
  'urgent-pointer-zero': {
    title: 'URG with an urgent pointer of zero',
    meaning:
      'The pointer must point after the urgent data, of which there is at least one byte. With zero it points before this segment.',
    advice: 'Look for a broken TCP or a scanner (Xmas scan).',
    not: 'Any other pointer is urgent-data, even beyond the segment: the urgent data may not have been sent yet.',
    wireshark: null,
  },
  'urgent-pointer-unused': {
    title: 'An urgent pointer without URG',
    meaning:
      'The field is only to be read with the URG flag; here it holds something without it. Harmless, but unusual: left-over memory, a covert channel, or a middlebox that cleared the flag.',
    advice: 'Usually nothing.',
    not: 'A pointer of zero without the flag is normal.',
    wireshark: 'tcp.urgent_pointer.non_zero',
  },
  'timestamps-missing': {
    title: 'A segment without the agreed timestamps',
    meaning: 'Both SYNs carried timestamps, so every later segment must; one without may be dropped by its receiver.',
    advice: 'Look for a middlebox that strips options, or one that answers in the name of the host.',
    not: 'A RST may come without. When other marks are foreign too, it is an injected-segment.',
    wireshark: null,
  },
  'timestamps-backwards': {
    title: 'Timestamps go backwards',
    meaning:
      'New data carries an older timestamp than data before it. The receiver takes it for a segment from the past and drops it (PAWS).',
    advice:
      'Look for several hosts behind one address (NAT, load balancer), or a host that set its timestamp clock back.',
    not: 'Late segments, repeated segments and pure ACKs that were overtaken may have older timestamps.',
    wireshark: null,
  },
  'sack-outside-window': {
    title: 'Invalid SACK block',
    meaning:
      'A block is empty or reversed, or covers bytes beyond everything that the window ever allowed. The sender ignores it, and recovery suffers.',
    advice:
      'Usually a middlebox that shifts sequence numbers but not those in SACK options (for example randomisation by a firewall).',
    not: 'A first block below the ACK, or inside the second block, is a D-SACK and reports a repeat (RFC 2883). Blocks of data that the capture missed are missing-in-capture.',
    wireshark: null,
  },
  'illegal-transition': {
    title: 'A state transition that TCP does not allow',
    meaning:
      'What an end sent, or what reached it, does not fit the state that follows from everything before (RFC 9293 Figure 5). The state is left as it was.',
    advice: 'Look for a broken TCP, a forged segment, or packets around this one that the capture lacks.',
    not: 'Repeated SYNs and FINs, and resets from any state, are allowed.',
    wireshark: null,
  },
  'blind-syn': {
    title: 'A SYN in the middle of a connection',
    meaning:
      'A SYN came for a connection that is established, with a number in its window. It must be answered with a challenge ACK and changes nothing: an attempt to reset the connection, or a client that restarted and chose the same port by chance.',
    advice: 'If the client really restarted, it answers the challenge with a RST and tries again.',
    not: 'The same SYN again is a retransmission; a SYN after the end of a connection opens a new one.',
    wireshark: 'tcp.analysis.reused_ports',
  },
  'injected-segment': {
    title: 'A segment that its sender did not send',
    meaning:
      'A segment in the name of one end that does not fit the others of that end: without the agreed timestamps and at another place in the stream, or far beyond the window, often with a foreign IP ID or TTL. The receiver drops it.',
    advice: 'Somebody writes into the connection: an attacker, a censor or a broken middlebox.',
    not: 'A wrong checksum is damage: corrupted-segment. Missing timestamps alone are timestamps-missing.',
    wireshark: 'tcp.analysis.lost_segment or tcp.analysis.retransmission',
  },
  'icmp-unreachable': {
    title: 'ICMP: destination unreachable',
    meaning:
      'A router or host reported that it could not deliver a packet of this connection. During the handshake the connection attempt fails; later TCP only notes it and goes on (soft error).',
    advice: 'See who reported it and why: routing, a missing host, or a firewall (administratively prohibited).',
    not: 'Fragmentation needed is icmp-too-big.',
    wireshark: 'icmp.type == 3',
  },
  'icmp-too-big': {
    title: 'ICMP: packet too big',
    meaning:
      'A router reported that a packet does not fit its next link and may not be fragmented. The sender has to use smaller segments (Path MTU Discovery).',
    advice: 'Normal once per path. Clamp the MSS at the tunnel to avoid the loss of the first full segments.',
    not: 'Other reasons are icmp-unreachable.',
    wireshark: 'icmp.type == 3 && icmp.code == 4',
  },
  'icmp-other': {
    title: 'ICMP: another error about the connection',
    meaning:
      'Time exceeded (a routing loop, or traceroute), parameter problem, redirect or source quench, quoting a packet of this connection.',
    advice: 'Time exceeded for ordinary packets points to a routing loop.',
    not: 'Unreachable and too big have findings of their own.',
    wireshark: null,
  },
} as const satisfies Record<string, Page>;
