import type { Page } from '../../page.ts';

/** Errors and limits of the measurement itself. They come first, so that the network is not blamed for them. */
export const CAPTURE_PAGES = {
  'capture-joined': {
    title: 'The file was joined from several captures',
    meaning:
      'One of three signs was found. The clock goes back by a second or more several times, or it goes back (or forward by more than 30 days) at a place that no connection spans: captures were put into one file one after the other. Or the SYN of a connection stands in the file twice, with the same sequence number and timestamp, and the second one a second or more later or not later at all: the file holds the connection twice. Or one SYN in ten, and at least one, stands 5 ms to 1 s after an ACK of it. Nobody can acknowledge a SYN before it comes: the two directions were captured by clocks that differ, or were given other times.',
    advice:
      'Analyse the captures one by one. What depends on times, on order or on a missing packet is only information here.',
    not: 'One step of the clock that a connection lives through is a clock-step. A SYN that comes a second and more after its ACK may be a repeat, the first copy of which is not in the capture.',
    wireshark: null,
  },
  'capture-edited': {
    title: 'The packets were written or changed by a program',
    meaning:
      'One of four signs was found. All packets of both ends, or all of each end, carry the same IP ID, as packet generators and copies do. Some IP header checksums of an end are wrong and others right, as after random changes of bytes. All of the shortest Ethernet frames with IPv4 (60 bytes, or 64 with the checksum) end in zeros that count as data, although no end pushes or acknowledges them: the padding was taken for data. Nearly all TCP checksums of both ends are wrong, as after addresses were replaced.',
    advice: 'What depends on times, on order or on a missing packet is only information here.',
    not: 'Wrong checksums of one end alone are left to its network card: checksum-offload. IP IDs of zero say nothing. Short data that are not all zeros are taken for data. Frames with a VLAN tag, in a tunnel or of another link type are not judged: they have another shortest length.',
    wireshark: null,
  },
  'capture-filtered': {
    title: 'A filter left packets out of the capture',
    meaning:
      'One of three signs was found. Every packet has SYN, FIN or RST, and the sequence numbers of FINs or RSTs show that data had been sent: a filter kept only packets with these flags. Or no packet is an ACK without data: although one end sent at least 20 segments with data and the other at most a quarter as many, or although two or more connections were opened by a handshake, their clients sent data, and each was closed by both ends or carried at least 5 segments with data. Then a filter left ACKs out. Or every packet has data, and in two or more connections an end acknowledged one byte more than the other had sent: its FIN, which is not there. Then a filter left out all packets without data.',
    advice:
      'Capture without that filter if retransmissions, windows or missing answers matter. A missing packet proves nothing here.',
    not: 'Connections without data consist of packets with SYN, FIN or RST and few ACKs. Where both ends send data in turn, the data carries the ACKs. A client may also hold back the ACK that completes the handshake until it has data. One such connection, or several with few segments that a RST ends, are no sign of a filter.',
    wireshark: null,
  },
  'invented-times': {
    title: 'The times of the capture are invented',
    meaning:
      'No clock gave these times, as one of six signs shows. All packets have the same time, or come at exactly equal intervals, or at whole seconds, or before 1990. Or most answers come within a microsecond. Or the TCP timestamps of both ends tick more than four times as fast as hosts count (RFC 7323 section 5.4). Programs that write or rewrite captures do that. The first screen then says nothing of time, except where times are whole seconds or before 1990: a host whose clock was not set gives times before 1990, too.',
    advice: 'Ignore round trips, durations and timeouts. What depends on times is only information here.',
    not: 'Fewer than five packets may fall on whole seconds or at even intervals.',
    wireshark: null,
  },
  'missing-in-capture': {
    title: 'Packets are missing from the capture',
    meaning:
      'The receiver acknowledged (or selectively acknowledged) bytes that no captured packet holds. They arrived in the end: the capture dropped them, a filter left them out, or they stand in it damaged. It is also found where only the SYN,ACK is missing and the server sends data. It is information, not a warning, in two cases. The handshake is not in the capture, and the only gap was acknowledged within a second of the first packet: the bytes were probably on their way when the capture began. Or more than 1,024 gaps of one end were open at once: some of these bytes may be in the capture after their ACKs.',
    advice:
      'Capture again with a larger buffer (tcpdump -B), a smaller snaplen or a filter, or at a less busy point. Do not count these bytes as network loss.',
    not: 'Bytes that are acknowledged only after a retransmission of them was captured were lost on the way. Data that is captured at most 5 ms, or half a round trip, after its ACK is ack-before-data. When one direction was not captured at all, that is one-way-capture.',
    wireshark: 'tcp.analysis.lost_segment and tcp.analysis.ack_lost_segment',
  },
  'capture-drop': {
    title: 'The capture reports dropped packets',
    meaning:
      'The capturing program wrote into the file how many packets it received and had to drop (pcapng interface statistics).',
    advice: 'Enlarge the capture buffer, write to a faster disk, or filter earlier.',
    not: 'Packets that the filter of the capture refused are not counted as drops.',
    wireshark: null,
  },
  'capture-duplicate': {
    title: 'Packets are captured twice',
    meaning:
      'The same packet appears twice: equal IP ID, sequence numbers, checksum and timestamps, at once or with another TTL, VLAN or interface. A mirror port that copies both directions of a port, or a capture on several interfaces, does that. The second copies are left out of every verdict.',
    advice: 'Mirror only one direction of a port or capture on one interface; editcap -d removes the copies.',
    not: 'Copies that come later than any local path explains were duplicated by the network: network-duplicate. A sender that sends again uses a new IP ID or a new timestamp: that is a retransmission.',
    wireshark: 'tcp.analysis.retransmission, tcp.analysis.duplicate_ack and others on the copies',
  },
  'capture-misordered': {
    title: 'Packets are written out of order by the capture',
    meaning:
      'The times of single packets are earlier than that of the packet before. Packets were recorded in another order than they were seen, as with several receive queues or merged files.',
    advice: 'Sort the file by time (reordercap) before anything else is concluded from the order of its packets.',
    not: 'Rare swaps of less than 50 µs are the jitter of receive queues, and only information. Times that go back and stay back are a clock-step. Packets whose order on the wire differs from the order of sending while time runs forward are reordering.',
    wireshark: null,
  },
  'clock-step': {
    title: "The capture's clock was set",
    meaning:
      'From one packet to the next the times go back and stay there (by 10 ms or more, for at least eight packets in a row; or by a second or more): the clock of the capturing host was set, or captures were joined. Or they go forward by a second or more, while the TCP timestamps of the hosts show that less time passed.',
    advice: 'Intervals across the step are meaningless: RTTs and timeouts around it should be ignored.',
    not: 'Single packets with an earlier time are capture-misordered. So are buffers of several receive queues that were written one after the other: each begins at the time at which the one before began. So are small steps that come twice within a minute: a clock that was just set is right and need not be set again. The step is only information where the input ends soon after it, before five times the step has passed. Without TCP timestamps a step forward cannot be told from silence and is not reported.',
    wireshark: null,
  },
  'ack-before-data': {
    title: 'ACKs are captured before the data that they acknowledge',
    meaning:
      'An ACK is followed at once by the data that it acknowledges. The receiver cannot have acknowledged what it did not have: the capture mixed up the two directions, as separate receive queues or a tap with two ports do.',
    advice: 'Nothing on the network is wrong. RTT samples below the swap are too short.',
    not: 'If the bytes never come, they are missing-in-capture; if their sender shows that it never sent them, the ACK is ack-of-unsent-data.',
    wireshark: 'tcp.analysis.ack_lost_segment, then tcp.analysis.spurious_retransmission',
  },
  'one-way-capture': {
    title: 'Only one direction was captured',
    meaning:
      'One end of the connections never appears though the other acknowledges what it sends. States and losses of the unseen end are inferred from the acknowledgments alone.',
    advice:
      'Capture where both directions pass (asymmetric routing, or a mirror of only one direction, is the usual reason).',
    not: 'A SYN or data that nobody acknowledges is not enough: the other end may not exist.',
    wireshark: 'tcp.analysis.ack_lost_segment on many packets',
  },
  'mid-stream': {
    title: 'Connections were picked up in their middle',
    meaning:
      'The handshake is not in the capture. The window scale is only told in the SYNs, so the windows of these connections are unknown, and sequence numbers are relative to the first packet seen.',
    advice: 'Start the capture before the connection, or restart the connection.',
    not: 'A connection whose SYN alone was lost by the capture, with the SYN,ACK present, is not counted.',
    wireshark: 'tcp.window_size_scalefactor of -1',
  },
  'snaplen-cut': {
    title: 'Packets are cut by the snapshot length',
    meaning:
      'The capture holds only the beginning of its packets. All sequence analysis works from the headers; checksums of cut packets cannot be verified and their content cannot be followed.',
    advice: 'Keep whole packets with tcpdump -s 0.',
    not: 'Packets that are shorter than the snapshot length are whole.',
    wireshark: '[Packet size limited during capture]',
  },
  'capture-position': {
    title: 'Where the capture was made',
    meaning:
      'The response time of each end, as seen from here, tells where the capture was made: an end that answers within a fraction of the round trip is near. Data lost before this point never appears; data lost after it does.',
    advice: 'Read round-trip times and losses with the position in mind.',
    not: 'Connections without round-trip samples of both ends are not used.',
    wireshark: null,
  },
  'offload-segments': {
    title: 'Segments larger than the MSS: segmentation offload',
    meaning:
      'Segments exceed the maximum segment size that their receiver announced. On the wire they were several: the capture saw them before the network card cut them (TSO, GSO) or after it joined them (LRO, GRO).',
    advice:
      'Packet counts and sizes are not those of the wire. ethtool -K DEV tso off gso off gro off lro off shows the real ones.',
    not: 'A segment exactly as large as the MSS, less the options it carries, is an ordinary full one.',
    wireshark: null,
  },
  'checksum-offload': {
    title: 'Checksums are left to the network card',
    meaning:
      'Checksums of packets that the capturing host sent hold only the sum of the pseudo-header, nothing, or are all wrong: the card fills them in after the point of capture. On the wire they are right.',
    advice: 'Nothing. ethtool -K DEV tx off makes the host compute them, if they must be seen.',
    not: 'A single wrong checksum among right ones of the same sender is a corrupted-segment.',
    wireshark: 'tcp.checksum.status (bad in 4.0, tcp.checksum.partial in 4.4)',
  },
  'corrupted-segment': {
    title: 'Segments arrive damaged',
    meaning:
      'The checksum of a segment is wrong while those of the same sender are right otherwise: it was changed on its way and its receiver drops it, as if it had been lost.',
    advice:
      'Look for a bad cable, transceiver or memory, or a middlebox that rewrites packets, before the point of capture.',
    not: 'Where all or most checksums of a sender are wrong, the network card fills them in later: checksum-offload. Where the same packet (its IP ID too) stands whole beside it, the capture made the damaged copy. Cut packets are not verified.',
    wireshark: 'tcp.checksum_bad.expert, only with checksum validation switched on',
  },
  'questions-limit': {
    title: 'Limit reached: the fate of some segments is unknown',
    meaning:
      'For each end up to 65,536 segments wait for their acknowledgment, 4,096 gaps to be filled and 4,096 repaired ranges for a D-SACK. Beyond these limits the oldest are given up, to bound the memory: whether they arrived is unknown.',
    advice: 'Nothing: it is usual where only one direction was captured.',
    not: 'What was given up is not counted as lost.',
    wireshark: null,
  },
  'connections-evicted': {
    title: 'Connections left the analysis before its end',
    meaning:
      'Of connection attempts that failed, and of packets that belong to no connection (floods, scans), only the latest 4,096 to 8,192 are kept. When the memory is short (--memory), connections leave: the closed first, then those that were idle for longest. Packets, time and findings of those that left are in the sums; packets that come late open a connection of their own, which names the one that it continues (`continues`).',
    advice:
      'Where only attempts of a flood or scan left: nothing. Otherwise allow more memory (--memory), or have each connection written as it ends: tcpscope connections.',
    not: 'A pause between two packets, however long, is no reason to leave while there is memory.',
    wireshark: null,
  },
  'memory-limit': {
    title: 'Limit reached: the rest of the input was not read',
    meaning:
      'What is kept took the memory that is allowed (--memory, or half of the heap that Node.js may use), and removing connections did not help, or the command needs all connections. Reading stopped, and everything found until then is reported.',
    advice:
      'Allow more (--memory, or NODE_OPTIONS=--max-old-space-size=8192, in MiB), or analyse a part of the capture, written to a file by tcpdump -r FILE -w PART EXPRESSION.',
    not: 'A filter (-f) does not help: the whole capture is analysed all the same.',
    wireshark: null,
  },
  'findings-limit': {
    title: 'More findings than are listed',
    meaning:
      'So many findings were made that the further ones are only counted, to bound the memory that a capture can take.',
    advice: 'Analyse a part of the capture, written to a file by tcpdump -r FILE -w PART EXPRESSION.',
    not: 'Ten findings of one id are listed for each connection, and that is said on the last of them, not here.',
    wireshark: null,
  },
} as const satisfies Record<string, Page>;
