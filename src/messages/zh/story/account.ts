import type { Ending } from '../../../model/ending.ts';
import { formatRate } from '../../../model/units.ts';
import { AT_ONCE, type ExchangeTold, type StoryWords } from '../../story.ts';
import { bytes, count, duration, percent, ROLES, size } from '../grammar.ts';
import { at, other, packet, use, who } from './words.ts';

const by = (role: Ending['by']) => (role === null ? '' : ROLES[role]);

const ENDINGS: Readonly<Record<Ending['kind'], (role: Ending['by']) => string>> = {
  closed: () => '正常关闭',
  'fin-unanswered': (role) => `${by(role)}的 FIN 始终没有得到确认`,
  refused: () => '被拒绝',
  abandoned: () => '客户端放弃了连接',
  reset: (role) => `被${by(role)}复位`,
  'half-closed': (role) => `只有${by(role)}一方关闭`,
  unanswered: () => '始终没有应答',
  'handshake-unfinished': () => '没有完全建立',
  open: () => '抓包结束时仍然打开',
};

/** The connection as a whole: opening, conversation, end. */
export const ACCOUNT = {
  overview: ({ stream, client, server, duration: time, packets, ending }) =>
    `连接 ${stream}：${client}（客户端）→ ${server}（服务器），${duration(time)}内共 ${count(packets)} 个包，${ENDINGS[ending.kind](ending.by)}。`,
  'overview.cost': ({ duration: time, lost, most }) =>
    `在 ${duration(time)}中，损失了 ${duration(lost)}（${percent(lost / time)}）。其中最大的一部分是 ${duration(most.time)}：${use(most.owner, most.cause)}。`,
  'overview.fine': ({ most, duration: time }) =>
    most === null
      ? '从抓包中看不出有什么拖慢了它。'
      : `从抓包中看不出有什么拖慢了它。时间最大的一部分是 ${duration(most.time)}（${percent(most.time / time)}）：${use(most.owner, most.cause)}。`,
  'overview.unknown': ({ most, duration: time }) =>
    `抓包看不出大部分时间花在哪里：${duration(most.time)}（${percent(most.time / time)}）。`,
  'overview.untimed': () => '抓包的时间不是同一个时钟给出的，看不出时间花在哪里。',
  'overview.no-time': () => '包太少，看不出时间花在哪里。',

  'connect.done': ({ syn, synAck, ack, roundTrip }) =>
    `客户端请求建立连接（SYN${at(syn)}），服务器同意（SYN,ACK${at(synAck)}），客户端确认（ACK${at(ack)}）${
      Number.isNaN(roundTrip) ? '' : `，三次握手共用 ${duration(roundTrip)}`
    }。`,
  'connect.waited': ({ time }) => `建立连接时，有 ${duration(time)}在等待 SYN 或 SYN,ACK 的重传定时器。`,
  'connect.simultaneous': ({ first, second, time }) =>
    `双方同时请求建立连接：两个 SYN（${packet(first)} 和${packet(second)}）在路上交错${Number.isNaN(time) ? '' : `，${duration(time)}后连接建立`}。这种情况少见，但符合规范（RFC 9293 第 3.5 节）。`,
  'connect.refused': ({ frame }) => `客户端请求建立连接，被拒绝（RST${at(frame)}）。`,
  'connect.unanswered': ({ packets }) => `客户端请求了 ${count(packets)} 次建立连接（SYN），没有抓到任何应答。`,
  'connect.unfinished': () => '握手已经开始，但在抓包期间没有完成。',
  'connect.unseen': () => '抓包从连接中途开始：看不到连接如何建立，也看不到协商了什么。',
  'connect.negotiated': ({ mss, shift, sack, timestamps }) => {
    const parts = [
      mss.client === mss.server
        ? mss.client < 0
          ? '双方都没有说明 MSS（按默认值：IPv4 为 536 字节，IPv6 为 1220 字节）'
          : `报文段最大 ${bytes(mss.client)}（MSS）`
        : `发往服务器的报文段最大${mss.server < 0 ? '为默认值' : ` ${bytes(mss.server)}`}，发往客户端的最大${mss.client < 0 ? '为默认值' : ` ${bytes(mss.client)}`}（MSS）`,
      shift.client >= 0 && shift.server >= 0
        ? shift.client === shift.server
          ? `窗口扩大因子 ${shift.client}`
          : `窗口扩大因子 ${shift.client}（客户端）和 ${shift.server}（服务器）`
        : '不使用窗口扩大，窗口最大 64 KiB',
      sack ? '使用 SACK' : '不使用 SACK',
      timestamps ? '使用时间戳' : '不使用时间戳',
    ];
    return `协商结果：${parts.join('，')}。`;
  },

  'data.none': () => '没有传输数据。',
  'data.unpaired': ({ clientBytes, serverBytes, isOneWay }) => {
    const sent = [
      ...(clientBytes > 0 ? [`客户端发送了 ${size(clientBytes)}`] : []),
      ...(serverBytes > 0 ? [`服务器发送了 ${size(serverBytes)}`] : []),
    ];
    return `${sent.join('，')}。${isOneWay ? '抓包只有一个方向的数据，' : ''}无法区分请求和应答。`;
  },
  'data.exchange': (exchange) => tellExchange(exchange),
  'data.many': ({ exchanges, unasked, requestBytes, answerBytes, median }) =>
    `客户端共请求 ${count(exchanges)} 次，发送 ${size(requestBytes)}，收到 ${size(answerBytes)}${unasked === 0 ? '' : `；服务器有 ${count(unasked)} 次未经请求而发送数据`}${
      Number.isNaN(median) ? '' : `。一半的应答在 ${duration(median)}之内开始到达`
    }。`,
  'data.slowest': (exchange) => `第 ${exchange.number} 次较慢：${tellExchange(exchange)}`,

  'wrong.nothing': () => '从抓包中没有看到问题。',
  'wrong.cost': ({ owner, cause, time, share }) =>
    `损失 ${duration(time)}（${percent(share)}）：${use(owner, cause)}。`,
  'wrong.ending': ({ ending }) => `连接没有正常结束：${ENDINGS[ending.kind](ending.by)}。`,
  'wrong.more': ({ findings, stream }) =>
    `另有 ${count(findings)} 项发现，可用 analyze --all --stream ${stream} 列出。`,

  'end.closed': ({ first, fin, otherFin, ack, waits }) =>
    `${who(first)}先关闭（FIN${at(fin)}），${other(first)}随后也关闭（FIN${at(otherFin)}），${who(first)}对此作了确认${ack > 0 ? `（${packet(ack)}）` : ''}。${
      waits === null
        ? ''
        : `${who(waits)}在 TIME-WAIT 状态等待，使迟到的包不会干扰新的连接；${other(waits)}已是 CLOSED 状态。`
    }`,
  'end.simultaneous': ({ fin, otherFin }) =>
    `双方同时关闭：两个 FIN（${packet(fin)} 和${packet(otherFin)}）在路上交错。`,
  'end.half-closed': ({ by: role, fin }) =>
    `${who(role)}关闭了自己的方向（FIN${at(fin)}）。抓包结束时${other(role)}还没有关闭。`,
  'end.fin-unanswered': ({ by: role, fin }) => `${who(role)}关闭了连接（FIN${at(fin)}），但没有抓到对它的确认。`,
  'end.reset': ({ by: role, frame }) => `${who(role)}中断了连接（RST${at(frame)}）。当时还在路上的数据都丢弃了。`,
  'end.forged': ({ by: role, frame }) =>
    `一个以${who(role)}名义发出的 RST（${packet(frame)}）结束了连接。${who(role)}则像没有发送过它一样继续。`,
  'end.refused': ({ frame }) => `连接刚开始就结束了：被拒绝（RST${at(frame)}）。`,
  'end.abandoned': ({ frame }) => `客户端放弃，复位了自己的请求（${packet(frame)}）。`,
  'end.unanswered': () => '抓包期间没有任何应答。',
  'end.unfinished': () => '抓包期间，连接没有在两端都建立。',
  'end.open': () => '抓包结束时连接仍然打开。',

  'sure.near': ({ role }) =>
    `抓包点在${who(role)}：${who(role)}的动作在发生时就被看到，${other(role)}的动作经过网络之后才被看到。`,
  'sure.middle': () => '抓包点在两端之间：两端的时间都是估计值，每个方向按往返时间的一半计算。',
  'sure.loopback': () => '两端在同一台主机上：两端的时间都是准确的，中间没有网络。',
  'sure.position-unknown': () => '无法判断抓包点在哪里，因此哪一端用了时间并不确定。',
  'sure.windows': () => '抓到了握手，因此窗口大小是准确的。',
  'sure.no-windows': () => '没有抓到握手，因此不知道窗口的扩大因子。',
  'sure.one-direction': ({ role }) => `只抓到了${who(role)}发出的包：要判断谁在等谁，需要抓取两个方向。`,
  'sure.missing': () => '抓包漏掉了一些发送过的包：关于丢包的说法因此不太确定。',
  'sure.coarse': () => '短的时间段太多，已经合并；各项总和是准确的。',
} satisfies Partial<StoryWords>;

/** When it left is not known where nothing of it arrived. */
function when({ at }: ExchangeTold): string {
  return Number.isNaN(at) ? '之后' : `在 ${duration(at)}`;
}

function tellExchange(e: ExchangeTold): string {
  const asks =
    e.requestBytes > 0
      ? `${when(e)}，客户端发送 ${bytes(e.requestBytes)}（从${packet(e.frame)} 开始）`
      : `${when(e)}，${e.isPartial ? '服务器正在发送' : '服务器主动发送'}（从${packet(e.frame)} 开始）`;
  if (e.answerBytes === 0) return `${asks}，没有收到任何数据。${costs(e)}`;
  const thought = e.requestBytes > 0 ? e.serverThinking : -1;
  const thinks = thought >= AT_ONCE ? `；服务器处理了 ${duration(thought)}` : thought >= 0 ? '；服务器立即应答' : '';
  const rate = e.transfer > 0 && e.bitsPerSecond > 0 ? `（${formatRate(e.bitsPerSecond)}）` : '';
  const takes =
    e.unfinished === 'answer'
      ? '，到抓包结束时还没有收全'
      : e.transfer > 0
        ? `，历时 ${duration(e.transfer)}${rate}`
        : '';
  const answers = e.requestBytes > 0 ? `；应答共 ${bytes(e.answerBytes)}${takes}` : ` ${bytes(e.answerBytes)}${takes}`;
  return `${asks}${thinks}${answers}。${costs(e)}`;
}

function costs({ duration: time, limit, losses }: ExchangeTold): string {
  const most =
    Number.isNaN(time) || limit === null ? '' : `总共 ${duration(time)}，大部分是：${use(limit.owner, limit.cause)}。`;
  const lost = losses === 0 ? '' : `有 ${count(losses)} 个报文段需要重传。`;
  return most + lost;
}
