import { formatRate } from '../../../model/units.ts';
import type { Explanation, StoryWords } from '../../story.ts';
import { count, duration, size } from '../grammar.ts';
import { other, packet, who } from './words.ts';

/** One of several times is nearly all of them. */
const isOne = (all: number, most: number) => most > 0.99 * all;

/** What a finding says to do. */
const FINDINGS: Readonly<Record<Explanation, string>> = {
  'payload-conflict': '同一段数据有两种内容：比较两份数据的 TTL 和 IP ID，查找路径上改写或插入数据的设备。',
  'forged-reset': '查找路径上的审查设备、防火墙或攻击者。如果 RST 的 TTL 与该主机的其他包不同，会一并给出。',
  'icmp-unreachable': '看是谁报告的、为什么：路由、主机不存在，或防火墙（管理上禁止）。',
  'keep-alive-failure': '检查第一个未被应答的探测发出时的路径和对方主机；常见原因是防火墙忘记了空闲的连接。',
  'peer-unresponsive': '检查第一个未被应答的报文发出时的路径（路由、防火墙状态、链路）和对方主机。',
  'syn-answered-by-ack': '用户要等一秒。让客户端使用随机端口；查看客户端是否重启过，或防火墙是否忘记了连接。',
  'peer-forgot': '查看对方主机是否重启过，或中间设备的超时是否太短。保活可以更早发现这样的连接。',
  'reset-after-fin':
    '双方程序对由谁结束会话看法不同。让客户端比服务器更早关闭空闲连接，或使用半关闭（shutdown）并读到末尾。',
  'gap-not-filled': '在发送端抓包：如果它一再发送这些数据，就是路径丢弃了它们。如果只缺大的报文，要怀疑路径 MTU。',
  'half-open': '返回客户端的路径不通，或客户端不存在。大量出现就是 SYN 洪泛。',
  'handshake-reset': '偶尔一次没有关系。连续多个端口或主机是扫描；发给没有请求的主机的 SYN,ACK 是别处洪泛的反射。',
  'fin-unanswered': '检查对方主机。关闭的一端会保留连接，直到重传放弃。',
  'close-wait-stuck': '查找程序中的套接字泄漏（netstat 显示 CLOSE_WAIT）。',
  'idle-close': '整数时间（60、300、900 秒）说明是配置的定时器。保活或客户端更短的定时器可以避免意外。',
};

/** What to do: the measure, and the knob. */
export const ADVICE = {
  'help.none': () => '这个连接不需要任何改动。',
  'help.unknown': () => '抓包内容太少，无法给出建议。在连接建立之前开始、双向抓包，可以看到更多。',
  'help.read-faster': ({ role, time }) =>
    `${who(role)}的程序读取太慢：它的窗口关闭，使${other(role)}停了 ${duration(time)}。应当让程序读得更快，或用单独的线程读取。加大缓冲区（SO_RCVBUF、net.ipv4.tcp_rmem）只能吸收突发。`,
  'help.receive-buffer': ({ role, time, needed }) =>
    `加大${who(role)}的接收缓冲区，${other(role)}就可以继续发送：窗口占满造成了 ${duration(time)}的等待。${needed > 0 ? `这条路径大约需要 ${size(needed)}（速率乘以往返时间）。` : ''}在 Linux 上加大 net.ipv4.tcp_rmem 的第三个值；如果由程序设置，则加大 SO_RCVBUF 和 net.core.rmem_max。`,
  'help.nagle': ({ role, time }) =>
    `${who(role)}扣住小报文段，直到先前的报文段得到确认（Nagle 算法），共 ${duration(time)}。应当用一次调用写出完整的消息，或在${who(role)}设置 TCP_NODELAY。`,
  'help.loss': ({ time }) =>
    `丢包造成了 ${duration(time)}的损失。抓包不能说明包丢在路径的哪一段：在两端同时抓包，或查看中间链路和交换机的错误与丢弃计数器，才能知道。如果是突发数据撑满了队列，发送端的匀速发送（pacing，Linux 上用 fq）会有帮助。`,
  'help.timeout': ({ time }) =>
    `有 ${duration(time)}在等待重传定时器。一批数据的末尾丢失，或同一数据反复丢失，只能这样修复。SACK 和尾部丢包探测（RFC 8985；Linux 上的 net.ipv4.tcp_recovery 和 tcp_early_retrans）可以缩短等待，减少丢包才能根除。`,
  'help.syn-timeout': ({ time }) =>
    `建立连接时有 ${duration(time)}在等待 SYN 定时器（1 秒，之后每次加倍）。SYN 可能在路上丢失，可能被防火墙丢弃，也可能因为监听队列已满而被丢弃（listen()、net.core.somaxconn、tcp_max_syn_backlog；服务器上的 netstat -s 有计数）。保持连接不断开就不需要再发 SYN。`,
  'help.listen-queue': ({ isShown }) =>
    `服务器接受了连接（SYN,ACK），之后没有确认任何数据${isShown ? '，尽管数据已到达它的主机' : ''}。监听队列已满时就是这样：在程序接受先前的连接之前，Linux 会丢弃客户端的 ACK 和数据。在服务器上，ss -ltn 显示队列（Recv-Q 大于 Send-Q），nstat 统计 TcpExtListenOverflows。原因是程序接受连接太慢，或 backlog 太小（listen()、net.core.somaxconn）。只放行 SYN 的防火墙，以及代替无响应的服务器接受连接的设备，看起来也一样。`,
  'help.mtu': () =>
    '路径上有一段链路只能通过比两端所发更小的包。应当放行 ICMP 的 “fragmentation needed” 和 “packet too big”，或在隧道或路由器上限制 MSS（MSS clamping）；ICMP 被丢弃时，net.ipv4.tcp_mtu_probing 有帮助。',
  'help.bursts': ({ role }) =>
    `${who(role)}在得到任何确认之前就发出一大批数据。在窄的路径上，较小的初始窗口（ip route ... initcwnd）或匀速发送（pacing）可以避免丢包。`,
  'help.congestion-window': ({ time, roundTrip }) =>
    `有 ${duration(time)}用于拥塞窗口逐个往返（每次 ${duration(roundTrip)}）增长。保持打开的连接会保留窗口（net.ipv4.tcp_slow_start_after_idle=0），较大的初始窗口（initcwnd）可以省去最初的几次往返，离得更近的服务器可以缩短每一次往返。`,
  'help.steady-flight': ({ role, time, bytes, trips, bitsPerSecond }) =>
    `${who(role)}等待确认共 ${duration(time)}，在 ${count(trips)} 次往返中，在途数据始终不超过 ${size(bytes)}，也没有丢包。拥塞窗口本应增长：限制来自${who(role)}的其他方面，例如发送缓冲区小（SO_SNDBUF、net.ipv4.tcp_wmem）、应用协议自己的窗口（HTTP/2、SSH、SMB）、固定的发送速率，或程序每次只写这么多。每个往返这么多数据，相当于 ${formatRate(bitsPerSecond)}。`,
  'help.window-after-loss': ({ role, time, roundTrip }) =>
    `${who(role)}等待确认共 ${duration(time)}，大部分在丢包之后。Reno 和 CUBIC 每次丢包都会减小拥塞窗口，之后窗口逐个往返（每次 ${duration(roundTrip)}）增长。减少丢包最有帮助，离得更近的服务器可以让窗口更快增长。如果丢包时队列并没有满（例如无线链路），BBR（net.ipv4.tcp_congestion_control）可以保持速率。`,
  'help.bottleneck': ({ time, bitsPerSecond }) =>
    `有 ${duration(time)}花在瓶颈处的队列或链路上${bitsPerSecond > 0 ? `，那里大约能通过 ${formatRate(bitsPerSecond)}` : ''}。增加带宽、减少数据（压缩）或减少其他流量会有帮助。如果排队本身是问题，匀速发送（pacing）和队列管理（fq_codel）可以缩短队列。`,
  'help.thinking': ({ role, time, slowest, frame, asked, mayBeLoss }) =>
    `${who(role)}在${asked ? '应答' : '发出'}${packet(frame)} 之前处理了 ${duration(slowest)}${isOne(time, slowest) ? '' : `，各次处理共 ${duration(time)}`}。${mayBeLoss ? `如果那个应答在到达这里之前丢失并等待了定时器，看起来会一样：在${who(role)}抓包可以分辨。` : '原因不在通往它的网络。'}程序在等什么，抓包里看不到：要看它的日志、数据库和处理器；如果它是代理，还要看它后面的服务。`,
  'help.unanswered': ({ role, time, frame, mayBeLoss }) =>
    mayBeLoss
      ? `${who(role)}收下了${packet(frame)}，但直到连接结束的 ${duration(time)}里没有应答到达这里。它没有应答（日志和处理器会显示），或它发出的都在途中丢失，例如路径丢弃大的包（MTU）。在${who(role)}抓包可以分辨。`
      : `${who(role)}收下了${packet(frame)}，但直到连接结束的 ${duration(time)}里都没有应答。要看它的日志和处理器；如果它是代理，还要看它后面的服务。`,
  'help.sending': ({ role, time }) =>
    `${who(role)}在发送途中停顿了 ${duration(time)}：程序分段写出数据。原因在于它两次写出之间所读或所算的内容；更大的缓冲区或更早写出会有帮助。如果它只是随时推送新消息，就没有人在等待。`,
  'help.round-trips': ({ time, exchanges, roundTrip }) =>
    `${count(exchanges)} 次请求和应答依次进行，用了 ${duration(time)}，每次往返 ${duration(roundTrip)}。一次请求多项内容（流水线、批量）或离得更近的服务器可以节省时间；更快的链路没有帮助。`,
  'help.keep-alive': () =>
    '路径上的设备（NAT、防火墙）或对方主机忘记了空闲的连接。以比其定时器更短的间隔发送保活（SO_KEEPALIVE 和 TCP_KEEPIDLE、net.ipv4.tcp_keepalive_time）可以保持连接。',
  'help.finding': ({ id }) => FINDINGS[id],
  'help.reset': ({ role }) =>
    `程序关闭套接字时如果还有未读的数据，连接就会被复位；程序崩溃或把 SO_LINGER 设为 0 也是如此。${who(role)}程序的日志可以说明；如果那里没有记录，也可能是路径上的设备发出了复位。`,
  'help.refused': () => '该端口上没有程序在监听，或由防火墙代为拒绝。在服务器上用 ss -ltn 可以看到谁在监听。',
  'help.no-answer': () =>
    '可能主机没有运行，可能防火墙丢弃了 SYN，也可能应答走了另一条路。在服务器上抓包可以知道 SYN 是否到达；如果到达而没有应答发出，就是该主机的防火墙或已满的监听队列丢弃了它。',
  'help.capture': () =>
    '要了解更多，应当抓取两个方向，在连接建立之前开始抓包；如果抓包漏了包，应当加大抓包缓冲区（tcpdump -B）。',
} satisfies Partial<StoryWords>;
