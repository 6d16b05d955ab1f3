import type { Page } from '../../page.ts';

/** Opening a connection and what is agreed there. */
export const HANDSHAKE_PAGES = {
  'syn-retransmission': {
    title: 'The SYN had to be sent again',
    meaning:
      'The first SYN, or the answer to it, did not get through; the client repeated it after its initial timer (1 s, then usually doubled). The user waited that long for the connection.',
    advice: 'Look for loss on the path, a full accept queue of the server (it drops SYNs silently) or a firewall.',
    not: 'A SYN that is never answered is syn-unanswered.',
    wireshark: 'tcp.analysis.retransmission',
  },
  'syn-ack-retransmission': {
    title: 'The SYN,ACK had to be sent again',
    meaning: "The SYN,ACK, or the client's ACK of it, did not get through; the server repeated it (1 s, then doubled).",
    advice:
      'Look for loss on the path in both directions. A server that defers the accept until data arrives repeats it on purpose.',
    not: 'A SYN,ACK that is never acknowledged leaves the connection half-open.',
    wireshark: 'tcp.analysis.retransmission',
  },
  'syn-unanswered': {
    title: 'No answer to the SYN',
    meaning:
      'A connection was asked for and neither SYN,ACK nor RST nor ICMP came back: no host has that address, or a firewall drops packets silently.',
    advice:
      'Check address, routing and firewalls, also that of the host itself: what it drops is seen in a capture on that host all the same. A host without a listener would have refused with a RST.',
    not: 'A SYN within the last second of the capture may still be answered. A refusal is connection-refused, an ICMP error icmp-unreachable.',
    wireshark: 'tcp.completeness of 1',
  },
  'connection-refused': {
    title: 'Connection refused',
    meaning:
      'The SYN was answered with a RST: the host is there, but nothing listens on that port (or a firewall refuses in its name). What the other connections of that host show is told with it: their TTL, where it is not that of the RST, and how many the same port accepted.',
    advice:
      'Check that the service runs, on this address and port. Where the finding says that the port accepted other connections of the capture, it runs: look at what happened at that time (restart, full listen queue, a firewall or load balancer that refuses). Where it says that the TTL of the RST is unlike that of the other packets of the host, look for what refuses on the way.',
    not: 'A RST after the SYN,ACK is handshake-reset.',
    wireshark: 'tcp.connection.rst',
  },
  'handshake-reset': {
    title: 'The handshake was reset',
    meaning:
      'After the SYN,ACK came a RST instead of an ACK. Either the host knows nothing of the SYN (an old duplicate of it reached the server, RFC 9293 Figure 8, or its address was forged), or it gave up or only looked whether the port is open (SYN scan).',
    advice:
      'Once is harmless. Many ports or hosts in a row are a scan; SYN,ACKs to hosts that did not ask are backscatter of a flood elsewhere.',
    not: 'A RST that answers the SYN itself is connection-refused.',
    wireshark: 'tcp.connection.rst',
  },
  'half-open': {
    title: 'The handshake was never completed',
    meaning:
      'The server answered with SYN,ACK, and neither ACK nor RST came back: it keeps a half-open connection until its timer gives up.',
    advice:
      'The return path to the client does not work, or the client does not exist. Many of them at once are a SYN flood.',
    not: 'Within the last second of the capture the ACK may still come. Half-open connections that belong to a SYN flood are summed up there.',
    wireshark: 'tcp.completeness of 3',
  },
  'syn-flood': {
    title: 'SYN flood',
    meaning:
      'A server got SYNs at a high rate and most of the handshakes were never completed: an attack that fills the backlog, usually from forged addresses. A server that never repeats its SYN,ACKs keeps no state for them: SYN cookies.',
    advice: 'Switch SYN cookies on, enlarge the backlog, filter towards the source.',
    not: 'It is not a flood with fewer than 50 half-open connections, with fewer than ten in a second, or where most handshakes are completed.',
    wireshark: null,
  },
  'port-scan': {
    title: 'Port scan',
    meaning:
      'One host tried at least 15 ports of another within five minutes, and most of its connections were refused, never answered, or given up without data: somebody looks for open ports. What answered is named. Single packets without a SYN that nothing but a RST answers count as well (the NULL, FIN, Xmas, Maimon and ACK scans of nmap).',
    advice: 'Find out who scans, and whether the sockets that answered are meant to be open. Filter the source.',
    not: 'Fewer ports, one port again and again, and slower scans are not reported, nor a host of which most connections carry data. Packets with an ACK count only where they come from one port and are answered with a RST: hosts that were left by their peers send ACKs as well.',
    wireshark: null,
  },
  'host-sweep': {
    title: 'Sweep of hosts',
    meaning:
      'One host tried the same port of at least 25 others within five minutes (100 where nobody answers at all: a host that has lost its network tries several others too), and most of its connections failed: somebody looks for a service, or a worm spreads.',
    advice:
      'Find out who sweeps, and whether the sockets that answered are meant to be open. Peer-to-peer programs whose peers have left do the same.',
    not: 'A monitor or a load balancer whose checks are answered is not reported, nor a host of which most connections carry data.',
    wireshark: null,
  },
  'syn-answered-by-ack': {
    title: 'A SYN was answered by an ACK of an earlier connection',
    meaning:
      'The server still has an earlier connection between the same sockets (half-open: the client had crashed, or lost its state) and answers the SYN with the ACK of that connection (RFC 9293 Figure 9). The client resets it, stays in SYN-SENT and repeats its SYN after its timer.',
    advice:
      'The user waits for a second. Let the client choose random ports; look for a restart of the client or a firewall that forgot the connection.',
    not: 'An ACK of the SYN itself is part of a split-handshake. An ACK a little above the SYN speaks of packets that the capture missed.',
    wireshark: 'tcp.analysis.ack_lost_segment',
  },
  'ecn-refused': {
    title: 'The SYN that asked for ECN was not answered',
    meaning:
      'The client asked for explicit congestion notification in its first SYN and got no answer; without ECN its next SYN was answered. A middlebox may drop SYNs with these bits.',
    advice:
      'If it happens again and again with one destination, look for an old firewall on the way. The user waits for the timer of the SYN each time.',
    not: 'The first SYN may have been lost by chance: one case proves nothing. Where the second SYN asks for ECN too, nothing is reported.',
    wireshark: 'tcp.analysis.retransmission',
  },
  'simultaneous-open': {
    title: 'Simultaneous open',
    meaning:
      'Both ends sent a SYN to each other and the SYNs crossed (RFC 9293 Figure 7). It is rare and correct, and used to get through address translators.',
    advice: 'Nothing.',
    not: 'A server that acknowledges the SYN first and sends its own SYN alone does a split-handshake.',
    wireshark: 'tcp.analysis.retransmission on both SYN,ACKs',
  },
  'split-handshake': {
    title: 'Split handshake',
    meaning:
      'The answering end acknowledged the SYN in a segment of its own and then sent a SYN without ACK. TCP allows it, but no common system does it: middleboxes that expect a SYN,ACK may take the roles of the ends for swapped and inspect the wrong direction.',
    advice: 'Treat the server as suspicious and check what the firewall made of the connection.',
    not: 'SYNs that cross are a simultaneous-open.',
    wireshark: null,
  },
  'tfo-accepted': {
    title: 'TCP Fast Open: data in the SYN was accepted',
    meaning: 'The SYN carried a cookie and data, and the SYN,ACK acknowledged the data: one round trip was saved.',
    advice: 'Nothing.',
    not: 'A SYN with an empty cookie only asks for one and carries no data.',
    wireshark: 'tcp.analysis.tfo_syn and tfo_ack',
  },
  'tfo-ignored': {
    title: 'TCP Fast Open: data in the SYN was not accepted',
    meaning:
      'The SYN carried data, but the SYN,ACK acknowledged only the SYN, or the SYN had to be repeated without data: the client sent the data again after the handshake.',
    advice:
      'The cookie may have expired or the server does not (or no longer) support it; some middleboxes drop SYNs with data (RFC 7413 7.1).',
    not: 'A SYN with data whose SYN,ACK covers it was accepted: tfo-accepted.',
    wireshark: 'tcp.analysis.tfo_ignored',
  },
  'mss-missing': {
    title: 'No MSS option: segments of 536 bytes',
    meaning:
      'The SYN had no maximum segment size, so the other end must assume 536 bytes (IPv4; 1220 for IPv6): nearly three times as many packets as usual.',
    advice: 'Every TCP should send the option; look for a middlebox that strips options.',
    not: 'Connections that carried no data towards this end lose nothing. Probes by scanners are not reported either.',
    wireshark: 'tcp.options.mss.absent',
  },
  'no-window-scaling': {
    title: 'No window scaling: at most 64 KiB in flight',
    meaning:
      'One of the SYNs lacked the window scale option, so neither window can exceed 65,535 bytes: the throughput is at most that much per round trip.',
    advice: 'Switch it on at the end that lacks it, or find the middlebox that strips it.',
    not: 'Connections that carried less than 64 KiB in a direction lose nothing by it.',
    wireshark: 'tcp.window_size_scalefactor of -2',
  },
  'no-sack': {
    title: 'No selective acknowledgment',
    meaning:
      'One of the SYNs did not permit SACK: of several losses in one window only one can be repaired in each round trip, and there are no tail loss probes.',
    advice: 'Switch it on at the end that lacks it, or find the middlebox that strips it.',
    not: 'Connections that carried less than 64 KiB are not mentioned.',
    wireshark: 'tcp.options.sack_perm.absent (4.4)',
  },
  'no-timestamps': {
    title: 'No timestamps',
    meaning:
      'Timestamps were not agreed on: no protection against old segments when sequence numbers wrap (PAWS), and round trips of repeated segments stay ambiguous.',
    advice: 'Switch them on for long transfers above about 100 Mbit/s. Otherwise nothing.',
    not: 'Connections that carried less than 64 KiB are not mentioned.',
    wireshark: null,
  },
  'isn-constant': {
    title: 'A host uses the same initial sequence number again and again',
    meaning:
      'Connections of one host to different sockets began with one and the same number. Anybody can guess it: scanners, broken embedded stacks and forged SYNs do that.',
    advice:
      'If the host is yours, its connections can be hijacked from anywhere: update it. Otherwise it is a scanner.',
    not: 'Copies of one SYN, and fewer than eight connections, prove nothing.',
    wireshark: null,
  },
  'isn-predictable': {
    title: 'The initial sequence numbers of a host can be predicted',
    meaning:
      'From connection to connection to different sockets the number rises by a constant step, by small ones, or in proportion to the time. It should contain a secret function of the sockets, so that one connection does not reveal the number of another.',
    advice: 'Update the host; protect it by a firewall that rewrites sequence numbers until then.',
    not: 'Between the same two sockets the number is meant to rise with time. Random numbers are as they should be: the head of the report says so in one line (--json: capture.initialSequenceNumbers).',
    wireshark: null,
  },
} as const satisfies Record<string, Page>;
