import type { StoryWords } from '../../story.ts';
import { bytes, count, duration, list } from '../grammar.ts';
import { CAUSES, explainVerdict, FATES, KINDS } from '../verdicts.ts';
import { other, packet, use, who } from './words.ts';

const range = (from: number, to: number) => (to - from === 1 ? `${from}` : `${from} 到 ${to - 1}`);

const agreed: StoryWords['option.agreed'] = ({ mss, shift, sack, timestamps }) => {
  const limits =
    mss.client < 0 && mss.server < 0
      ? '报文段按默认大小发送'
      : `客户端发送的报文段最大${mss.server < 0 ? '为默认值' : ` ${bytes(mss.server)}`}，服务器发送的最大${mss.client < 0 ? '为默认值' : ` ${bytes(mss.client)}`}（包括选项）`;
  const scaling =
    shift.client >= 0 && shift.server >= 0
      ? `客户端的窗口以 ${bytes(2 ** shift.client)}为单位，服务器的以 ${bytes(2 ** shift.server)}为单位`
      : '窗口不扩大';
  const both =
    sack && timestamps
      ? '双方都使用 SACK 和时间戳'
      : sack
        ? '双方使用 SACK，不使用时间戳'
        : timestamps
          ? '双方使用时间戳，不使用 SACK'
          : '不使用 SACK，也不使用时间戳';
  return `从现在起：${limits}；${scaling}；${both}。`;
};

/** Packet by packet: what it is, why these numbers, which state follows. */
export const STEPS = {
  'step.syn': ({ role }) => `${who(role)}请求建立连接（SYN）。`,
  'step.syn-ack': ({ role }) => `${who(role)}同意，并在同一个包里请求建立自己的方向（SYN,ACK）。`,
  'step.syn-ack.crossed': ({ role }) =>
    `${who(role)}用 SYN,ACK 应答在路上与自己的 SYN 交错的 SYN：双方同时请求建立连接。`,
  'step.handshake-done': ({ role }) => `${who(role)}确认：握手完成，到此还没有数据。`,
  'step.first-data': ({ role, bytes: n }) => `${who(role)}发送这个连接的第一批数据，${bytes(n)}。`,
  'step.answer': ({ role, bytes: n }) => `轮到${who(role)}发送，先发 ${bytes(n)}。`,
  'step.data': ({ role, bytes: n }) => `${who(role)}继续发送，${bytes(n)}。`,
  'step.again': ({ role, bytes: n }) =>
    n > 0 ? `${who(role)}再次发送以前发过的 ${bytes(n)}。` : `${who(role)}重复发送一个包。`,
  'step.ack': ({ role }) => `${who(role)}确认已经收到的内容。`,
  'step.ack.data-next': ({ role, bytes: n }) => `${who(role)}先确认收到的 ${bytes(n)}，自己还没有要发的内容。`,
  'step.ack.repeated': ({ role }) => `${who(role)}重复它的确认：有包到达，但不是它接下来期待的。`,
  'step.window-update': ({ role, window }) => `${who(role)}告知新的窗口：现在可以接收 ${bytes(window)}。`,
  'step.fin': ({ role }) => `${who(role)}没有更多数据要发，关闭自己的方向（FIN）。`,
  'step.fin.second': ({ role }) => `${who(role)}也关闭自己的方向（FIN）：双方都表示已经发完。`,
  'step.last-ack': ({ role }) => `${who(role)}确认${other(role)}的 FIN：这是连接需要的最后一个包。`,
  'step.rst': ({ role }) => `${who(role)}中断连接（RST）。`,
  'step.rst.refuses': ({ role }) => `${who(role)}拒绝连接（RST）：那里没有程序接受它。`,
  'step.probe': ({ role }) => `${who(role)}询问${other(role)}是否还在、能否接收数据。`,
  'step.other': ({ role }) => `${who(role)}发送一个不占用序号、也不确认任何内容的包。`,

  'seq.first': ({ role, raw }) =>
    `${who(role)}还没有发送过任何内容：它的序号在这里从 0 开始，在线路上是 ${raw}，是它为这个连接选择的初始序号（ISN）。`,
  'seq.syn-again': ({ seq, raw }) => `它的序号是 ${seq}，和它先前的 SYN 一样（在线路上是 ${raw}）。`,
  'seq.no-connection': ({ role, raw }) =>
    `${who(role)}在这里没有连接，也没有自己的序号：拒绝时使用${raw === 0 ? ' 0' : '对方期待的序号'}（RFC 9293 第 3.10.7.1 节）。`,
  'seq.after-syn': ({ seq }) => `它自己的序号由 0 变为 ${seq}，因为它的 SYN 占用一个序号。`,
  'seq.unchanged': ({ role, seq }) =>
    `它自己的序号保持 ${seq} 不变，因为${who(role)}没有发送新的内容；确认不占用序号。`,
  'seq.after-data': ({ seq, bytes: n }) => `它自己的序号增长至 ${seq}，因为它的上一个包发送了 ${bytes(n)}。`,
  'seq.no-data-yet': ({ role, seq }) => `它自己的序号保持 ${seq} 不变，因为${who(role)}还没有发送过数据。`,
  'seq.first-data': ({ role, seq, bytes: n, next }) =>
    `它的序号仍然是 ${seq}，因为${who(role)}在此之前没有发送过数据；发送这 ${bytes(n)}之后，下一个序号是 ${next}。`,
  'seq.data': ({ role, seq, bytes: n, next, before }) =>
    `它的序号是 ${seq}，因为${who(role)}在此之前发送了 ${bytes(before)}；加上这 ${bytes(n)}，下一个序号是 ${next}。`,
  'seq.fin': ({ seq }) => `FIN 占用序号 ${seq}，虽然它没有给程序带来数据。`,
  'seq.after-fin': ({ seq }) => `它自己的序号是 ${seq}，比之前多 1，因为它的 FIN 占用一个序号。`,
  'seq.gap': ({ seq, expected }) =>
    `它的序号是 ${seq}，而按顺序应当是 ${expected}：中间的部分在被抓到之前丢失，或稍后才到，或抓包漏掉了。`,
  'seq.back': ({ seq, expected }) => `它的序号 ${seq} 小于按顺序应当出现的 ${expected}：这些序号以前用过。`,
  'seq.unknown': ({ role, raw }) => `没有抓到${who(role)}的 SYN：序号从见到的第一个开始计算，在线路上是 ${raw}。`,
  'seq.other': ({ seq }) => `它的序号是 ${seq}。`,

  'ack.none': ({ role }) => `它不确认任何内容，因为${other(role)}还没有发来任何内容（确认号为 0）。`,
  'ack.absent': () => '它不确认任何内容：没有设置 ACK 标志。',
  'ack.first': ({ role, ack }) => `它确认到 ${ack}，这是抓到的${who(role)}的第一个确认。`,
  'ack.syn': ({ ack, frame }) => `它的确认号是 ${ack}：${packet(frame)} 虽然没有数据，但其中的 SYN 占用一个序号。`,
  'ack.data': ({ ack, bytes: n, frame, segments }) =>
    `它的确认号增加 ${count(n)}，变为 ${ack}：${frame === 0 ? '' : segments > 1 ? `截至包 ${frame} 的 ${segments} 个报文段的 ` : `包 ${frame} 的 `}${bytes(n)}已经收到，接下来期待 ${ack}。`,
  'ack.fin': ({ ack, frame }) => `它的确认号加 1，变为 ${ack}：这是在确认${packet(frame)} 的 FIN，和确认 SYN 一样。`,
  'ack.data-and-fin': ({ ack, bytes: n, frame }) =>
    `它的确认号变为 ${ack}：${bytes(n)}以及${packet(frame)} 的 FIN（占用一个序号）都已收到。`,
  'ack.same': ({ ack, frame }) => `它的确认号是 ${ack}，和${packet(frame)} 一样：此后没有按顺序到达的新内容。`,
  'ack.nothing-yet': ({ role, ack }) => `它的确认号保持 ${ack} 不变，因为还没有收到${other(role)}的数据。`,
  'ack.back': ({ ack, highest }) => `它的确认号 ${ack} 比先前的 ${highest} 旧：这个包在路上被超过了。`,
  'ack.sack': ({ from, to, frame }) =>
    `它的 SACK 块说明，缺口之后的 ${range(from, to)} 也已到达${frame > 0 ? `（截至${packet(frame)}）` : ''}。`,
  'ack.dsack': ({ from, to }) => `它的第一个 SACK 块重复了早已到达的 ${range(from, to)}：这部分到达了两次（D-SACK）。`,

  'window.closed': ({ role }) => `它的窗口已关闭：${other(role)}必须停止发送，直到${who(role)}重新有空间。`,
  'window.opened': ({ role, window }) => `它的窗口重新打开，可接收 ${bytes(window)}：${other(role)}可以继续发送。`,

  'option.mss': ({ role, mss }) => `它能接收的报文段最大为 ${bytes(mss)}（MSS）：${other(role)}不得发送更大的报文段。`,
  'option.mss.absent': ({ role }) =>
    `它没有说明 MSS：${other(role)}只能按默认值（IPv4 为 536 字节，IPv6 为 1220 字节）。`,
  'option.scale': ({ shift }) =>
    `它提出窗口扩大因子 ${shift}：如果对方也提出，它以后的窗口就以 ${bytes(2 ** shift)}为单位。`,
  'option.sack-permitted': () => '它支持 SACK：能够说明缺口之后哪些数据已经到达。',
  'option.timestamps': () => '它发送时间戳，用来测量往返时间和识别旧包。',
  'option.fast-open': ({ cookie }) =>
    cookie === 0
      ? '它请求一个 Fast Open cookie（RFC 7413）。'
      : `它带有 ${bytes(cookie)}的 Fast Open cookie（RFC 7413）。`,
  'option.ecn-asked': () => '它提出使用 ECN（SYN 上的 ECE 和 CWR）：路由器可以给包做标记，不必丢弃。',
  'option.ecn-agreed': () => '它同意使用 ECN（SYN,ACK 上的 ECE）。',
  'option.agreed': agreed,

  'state.change': ({ role, before, after }) => `${who(role)}的状态：${before} → ${after}。`,
  'state.both-open': () => '双方都处于 ESTABLISHED 状态：两个方向都可以传输数据。',
  'state.over': ({ waits }) =>
    waits === null
      ? '双方都已结束：连接占用的资源都可以释放。'
      : `双方都已结束：${other(waits)}可以立即释放全部资源，${who(waits)}还要保留这对端口一段时间（TIME-WAIT）。`,

  verdict: ({ verdict, seq, end, payloadLength }) => explainVerdict(verdict, { seq, end, payloadLength }),

  'why.waits': ({ waits }) =>
    `在它的数据到达之前，时间用于：${list(waits.map(({ owner, cause, time }) => `${use(owner, cause)}（${duration(time)}）`))}。`,
  'follow.acked': ({ role, frame, after }) => `${who(role)}在包 ${frame} 中确认它，相隔 ${duration(after)}。`,
  'follow.resent': ({ frame, after }) => `包 ${frame} 再次发送它，相隔 ${duration(after)}。`,
  'follow.unacked': ({ role }) => `没有抓到${who(role)}对它的确认。`,
  'follow.no-ack-due': () => '它不占用序号，因此自身不会被确认。',
  'follow.reset': () => '这个连接到此结束，之后不再有任何内容。',
  'judged.plain': ({ kind, fate }) =>
    `${kind === 'ack' ? '不带数据的普通报文段' : '新的数据或新的控制位'}，按顺序${fate === 'delivered' ? '；后来的确认说明它已到达' : fate === 'lost' ? '；它没有到达' : ''}。`,
  'judged.as': ({ kind, cause, fate, confidence, evidence }) =>
    `判定为${KINDS[kind]}${cause === null ? '' : `（${CAUSES[cause]}）`}，${FATES[fate]}，可信度 ${Math.round(100 * confidence)}%。${evidence.length === 0 ? '' : `依据：${list(evidence.map(packet))}。`}`,
  'judged.none': () => '对它没有判定：它不属于这个连接的序号。',
} satisfies Partial<StoryWords>;
