import { formatRate } from '../../../model/units.ts';
import type { StoryWords } from '../../story.ts';
import { duration, plural, size } from '../grammar.ts';
import { PAGES } from '../pages/index.ts';
import { other, packet, The } from './words.ts';

/** One of several times is nearly all of them. */
const isOne = (all: number, most: number) => most > 0.99 * all;

/** What to do: the measure, and the knob. */
export const ADVICE = {
  'help.none': () => 'Nothing needs to be changed for this connection.',
  'help.unknown': () =>
    'The capture shows too little to tell. A capture of both directions that begins before the connection would show more.',
  'help.read-faster': ({ role, time }) =>
    `The program at the ${role} reads too slowly: its window closed and held the ${other(role)} up for ${duration(time)}. Let it read faster or in a thread of its own. A larger buffer (SO_RCVBUF, net.ipv4.tcp_rmem) only absorbs bursts.`,
  'help.receive-buffer': ({ role, time, needed }) =>
    `A larger receive buffer at the ${role} would let the ${other(role)} send on: its full window cost ${duration(time)}.${needed > 0 ? ` This path needs about ${size(needed)} (rate times round trip).` : ''} On Linux raise the third value of net.ipv4.tcp_rmem, or SO_RCVBUF and net.core.rmem_max where the program sets it.`,
  'help.nagle': ({ role, time }) =>
    `${The(role)} held small segments back until earlier ones were acknowledged (Nagle's algorithm), for ${duration(time)} in all. Write each message with one call, or set TCP_NODELAY at the ${role}.`,
  'help.loss': ({ time }) =>
    `Losses cost ${duration(time)}. The capture does not show where on the path packets were lost: captures at both ends, or the error and drop counters of the links and switches between, show it. Where bursts overflow a queue, pacing at the sender helps (fq on Linux).`,
  'help.timeout': ({ time }) =>
    `${duration(time)} were spent waiting for retransmission timers. A loss at the end of a flight, or of a retransmission, is often repaired only by that timer. SACK and tail loss probes (RFC 8985; net.ipv4.tcp_recovery and tcp_early_retrans on Linux) shorten the wait; fewer losses avoid it.`,
  'help.syn-timeout': ({ time }) =>
    `${duration(time)} of the opening were spent waiting for a SYN timer (1 s, then twice as long each time). SYNs are lost on the way, dropped by a firewall, or by a full listen backlog (listen(), net.core.somaxconn, tcp_max_syn_backlog; netstat -s at the server counts those). Connections that stay open need no SYN.`,
  'help.listen-queue': ({ isShown }) =>
    `The server accepted the connection (SYN,ACK), and acknowledged nothing after that${isShown ? ', although it came to its host' : ''}. A full listen queue looks like this: Linux drops the ACK and the data of the client until the program has accepted earlier connections. On the server, ss -ltn shows the queue (Recv-Q above Send-Q), and nstat counts TcpExtListenOverflows. The program accepts too slowly, or its backlog (listen(), net.core.somaxconn) is small. A firewall that lets only SYNs pass looks the same, and so does a device that accepts connections in place of a server that does not answer.`,
  'help.mtu': () =>
    'A link on the path takes smaller packets than the ends send. Let ICMP "fragmentation needed" and "packet too big" pass, or clamp the MSS at the tunnel or router; net.ipv4.tcp_mtu_probing helps where ICMP is lost.',
  'help.bursts': ({ role }) =>
    `${The(role)} begins with a large burst before anything was acknowledged. On a narrow path a smaller initial window (ip route ... initcwnd) or pacing avoids losses there.`,
  'help.congestion-window': ({ time, roundTrip }) =>
    `${duration(time)} went into the congestion window growing from round trip to round trip (${duration(roundTrip)} each). Connections that stay open keep their window (net.ipv4.tcp_slow_start_after_idle=0), a larger initial window (initcwnd) saves the first round trips, and a server nearer by shortens all of them.`,
  'help.steady-flight': ({ role, time, bytes, trips, bitsPerSecond }) =>
    `${The(role)} waited for ACKs for ${duration(time)} with at most ${size(bytes)} in flight, in ${plural(trips, 'round trip')} and without a loss. A congestion window would have grown: another limit of the ${role} holds it, as a small send buffer (SO_SNDBUF, net.ipv4.tcp_wmem), a window of the application's protocol (HTTP/2, SSH, SMB), a fixed sending rate, or a program that writes no more at a time. So much in a round trip is ${formatRate(bitsPerSecond)}.`,
  'help.window-after-loss': ({ role, time, roundTrip }) =>
    `${The(role)} waited for ACKs for ${duration(time)}, for the most part after losses. Reno and CUBIC reduce the congestion window at each loss, and then let it grow from round trip to round trip (${duration(roundTrip)} each). Fewer losses help most, and a server nearer by lets the window grow sooner. Where packets are lost although no queue is full, as on radio links, BBR (net.ipv4.tcp_congestion_control) keeps its rate.`,
  'help.bottleneck': ({ time, bitsPerSecond }) =>
    `${duration(time)} were spent in the queue or on the link of the bottleneck${bitsPerSecond > 0 ? `, which let about ${formatRate(bitsPerSecond)} pass` : ''}. More bandwidth, less data (compression), or less other traffic there would help. If the queue itself does the harm, pacing and queue management (fq_codel) shorten it.`,
  'help.thinking': ({ role, time, slowest, frame, asked, mayBeLoss }) =>
    `${The(role)} thought for ${duration(slowest)} before it ${asked ? 'answered' : 'sent'} ${packet(frame)}${isOne(time, slowest) ? '' : `, and for ${duration(time)} over all its answers`}. ${mayBeLoss ? `Had that answer been lost before it came here, and waited for a timer, it would look the same: a capture at the ${role} tells.` : 'The network on the way to it is not the reason.'} What the program waited for is not in the capture: look at its log, its database and its processor load, and of a proxy also at the servers that it asks.`,
  'help.unanswered': ({ role, time, frame, mayBeLoss }) =>
    mayBeLoss
      ? `${The(role)} took ${packet(frame)}, and no answer came here for ${duration(time)}, until the connection was ended. It sent none, which its log and its processor load would show, or all of it was lost on the way, as where a path drops large packets (MTU). A capture at the ${role} tells.`
      : `${The(role)} took ${packet(frame)} and sent no answer for ${duration(time)}, until the connection was ended. Its log and its processor load show what it did; of a proxy look also at the servers that it asks.`,
  'help.sending': ({ role, time }) =>
    `${The(role)} paused for ${duration(time)} while it sent: the program wrote its data in pieces. Whatever it reads or computes in between is the reason; larger buffers or writing earlier would help. Where it sends news as they come, nobody waited.`,
  'help.round-trips': ({ time, exchanges, roundTrip }) =>
    `${duration(time)} went into ${plural(exchanges, 'exchange')} one after the other, a round trip of ${duration(roundTrip)} each. Asking for several things at once (pipelining, batches) or a server nearer by would save it; a faster link would not.`,
  'help.keep-alive': () =>
    'A device on the path (NAT, firewall) or the other host forgot the idle connection. Keep-alives at intervals shorter than its timer (SO_KEEPALIVE with TCP_KEEPIDLE, net.ipv4.tcp_keepalive_time) keep it open.',
  'help.finding': ({ id }) => PAGES[id].advice,
  'help.reset': ({ role }) =>
    `A program that closes its socket with unread data in it resets the connection, and so does one that crashes or sets SO_LINGER to 0. The log of the program at the ${role} shows which; if it shows nothing, a device on the path may have sent the reset.`,
  'help.refused': () =>
    'Nothing listened on the port, or a firewall answered in its place. On the server, ss -ltn shows who listens.',
  'help.no-answer': () =>
    'The host may be down, a firewall may drop the SYN, or the answer may go another way. A capture at the server tells whether the SYN arrives; if it does and no answer leaves, the firewall of that host or a full listen queue dropped it.',
  'help.capture': () =>
    'To learn more, capture both directions, begin before the connection does, and give the capture a larger buffer (tcpdump -B) if it missed packets.',
} satisfies Partial<StoryWords>;
