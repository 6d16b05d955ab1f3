import type { Page } from '../../page.ts';

/** Closing, resetting and reusing a connection. */
export const CLOSE_PAGES = {
  'connection-aborted': {
    title: 'The connection was aborted by a RST',
    meaning:
      'An end reset the connection instead of closing it: the application aborted, was killed, or closed with data unread. What was not yet delivered or read is lost.',
    advice:
      'See what the application did at that moment. A RST with a TTL other than the host uses comes from a middlebox.',
    not: 'After a FIN it is reset-after-fin; after a long silence idle-close; an answer to a segment for which the host has no connection is peer-forgot.',
    wireshark: 'tcp.connection.rst',
  },
  'peer-forgot': {
    title: 'One end does not know the connection any more',
    meaning:
      'A segment of an established connection was answered with a RST without ACK, as by a host without this connection: it restarted, a middlebox (NAT, firewall, load balancer) forgot the connection, or it was closed or reset earlier. The connection was half-open.',
    advice:
      'Look for a restart of the host or a middlebox with short timeouts. Keep-alives find such connections sooner.',
    not: 'An end that had closed before answers the same way: reset-after-fin. A RST that comes sooner than that end can have heard what it would answer is reported as connection-aborted, with both times: that end sent it before the segment came, or a nearer device sent it.',
    wireshark: 'tcp.connection.rst',
  },
  'reset-after-fin': {
    title: 'A RST after the FIN',
    meaning:
      'An end that had sent its FIN reset the connection when more data came: it had closed both directions and no longer reads, so that data is lost. Or it reset at the end to skip TIME-WAIT.',
    advice:
      'The applications disagree about who ends the conversation. Let the client close idle connections sooner than the server does, or use a half-close (shutdown) and read until the end.',
    not: 'It is a warning where the server had closed and the client then sent a request and waited for the answer, or where a request of more than 85 bytes (the longest TLS alert) met the FIN on its way. This happens to connections that are kept open, when the idle timer of the server has expired. It is only information where nothing is lost, where a client closed before it had the whole answer, and where only the last message of an end that closes too, such as a TLS close_notify, comes late.',
    wireshark: 'tcp.connection.rst',
  },
  'time-wait-assassination': {
    title: 'TIME-WAIT was cut short by a RST',
    meaning:
      'A RST reached an end in TIME-WAIT, usually the answer to its own ACK of an old duplicate, and deleted the state that protects the next connection between the same sockets from old segments.',
    advice: 'Hosts should ignore RSTs in TIME-WAIT (RFC 1337); harmless unless the sockets are used again at once.',
    not: 'A RST from the end that is itself in TIME-WAIT is a way to skip it: reset-after-fin.',
    wireshark: 'tcp.connection.rst',
  },
  'forged-reset': {
    title: 'A RST was forged',
    meaning:
      'The end in whose name the RST came goes on with the connection as if it had never sent it: somebody else sent the RST with a sequence number that fits. A host can also send such a RST itself, to mislead an observer.',
    advice:
      'Look for a censor, a firewall or an attacker on the path. The TTL of the RST is shown where it differs from that of the other packets of its host.',
    not: 'Segments that were on their way when the end reset do not count. A segment that is older than the RST by its timestamp or its IP ID, and comes within a round trip (or 5 ms) after it, was on its way. So was everything before the last RST of the host, where nothing follows that RST. A RST with another TTL than the host has is not taken for a RST of the host.',
    wireshark: 'tcp.connection.rst',
  },
  'blind-reset': {
    title: 'A RST whose sequence number does not fit',
    meaning:
      'A RST has another sequence number than the next expected one. In the window it must be answered with a challenge ACK, outside it must be dropped. Attackers who do not see the connection guess the number.',
    advice: 'Repeated ones are an attack on the connection, or a middlebox that guesses badly.',
    not: 'A RST that follows lost data also lies in the window, ahead of the next expected number. Where its TTL is not foreign, and its sender sends no data and acknowledges nothing new after it, the finding says so and is only information.',
    wireshark: 'tcp.connection.rst',
  },
  'half-close': {
    title: 'Half-closed connection',
    meaning: 'After one end had closed its direction, the other went on sending data, as TCP allows.',
    advice: 'Nothing.',
    not: 'Data that was on its way when the FIN came is not counted.',
    wireshark: null,
  },
  'data-after-fin': {
    title: 'Data after the FIN',
    meaning: 'New bytes beyond the FIN of the same sender: its stream had ended there. The receiver ignores them.',
    advice: 'Look for a broken TCP, or for a segment that somebody injected.',
    not: 'Retransmissions of bytes before the FIN, and of the FIN, are ordinary.',
    wireshark: null,
  },
  'fin-unanswered': {
    title: 'The FIN was never acknowledged',
    meaning:
      'An end closed and its FIN was not acknowledged until the end of the capture: no answer came from the other end.',
    advice: 'Check the other host. The closing end keeps the connection until its retransmissions give up.',
    not: 'Within the last second of the capture the ACK may still come. A reset ends the wait.',
    wireshark: 'tcp.completeness without FIN of the other side',
  },
  'close-wait-stuck': {
    title: 'An application does not close its end',
    meaning:
      'The other end closed more than a minute ago, and this one stays in CLOSE-WAIT without sending anything, or nothing but keep-alives: its application has forgotten the socket. Where the capture begins in the middle, this end may have closed its direction before. Data or keep-alives that it sends show that it has not. Where it only acknowledged data of the other end, the claim is less certain, and only information.',
    advice: 'Look for a leak of sockets in the application (netstat shows CLOSE_WAIT).',
    not: 'While it still sends data, the connection is half-closed on purpose: half-close. Nothing is said where the capture begins in the middle and shows neither data nor keep-alives: either end may have closed first.',
    wireshark: null,
  },
  'idle-close': {
    title: 'The connection was ended after a long silence',
    meaning:
      'The FIN or RST came after at least 30 s without traffic: an idle timer of the application, a proxy or a firewall. After a RST the other end may fail where it would have gone on.',
    advice:
      'Round figures (60, 300, 900 s) point to a configured timer. Keep-alives or a shorter timer at the client avoid surprises.',
    not: 'A close right after traffic is not reported, even after a very long connection.',
    wireshark: null,
  },
  'port-reused': {
    title: 'The same pair of sockets was used again',
    meaning:
      'A new connection between the same addresses and ports, after the earlier one was over, or with a sequence number or timestamp that TIME-WAIT accepts.',
    advice: 'Nothing. A client that does it often is short of ports or binds a fixed one.',
    not: 'A repeated SYN has the same sequence number and is a retransmission.',
    wireshark: 'tcp.analysis.reused_ports',
  },
  'port-reused-early': {
    title: 'The same pair of sockets was used again too early',
    meaning:
      'The earlier connection was still open, or in TIME-WAIT with neither a larger sequence number nor a newer timestamp in the new SYN. Old segments can be taken for new ones, and the server may refuse.',
    advice: 'Let the client choose its ports, widen the port range, or let it close last.',
    not: 'After a RST, or with a larger initial sequence number or timestamp, it is allowed: port-reused.',
    wireshark: 'tcp.analysis.reused_ports',
  },
} as const satisfies Record<string, Page>;
