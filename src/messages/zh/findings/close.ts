import type { CutOff, Refusal, ReuseReason, Ttl } from '../../en/findings/close.ts';
import type { FindingWords } from '../../message.ts';
import { bytes, count, duration, nameOf } from '../grammar.ts';

export const foreign = (found: Ttl | null) =>
  found === null ? '' : `它的 TTL 是 ${found.ttl}，那台主机的其他包是 ${found.usual}：可能是中间设备发出的。`;

const origin = (found: Ttl | null) =>
  found !== null && found.ttl === found.usual
    ? `它的 TTL 是 ${found.ttl}，与那台主机的其他包相同：可能就是它自己发出的。`
    : foreign(found);

function losses({ receiver, own, others, hadData }: CutOff): string {
  const parts = [];
  if (own > 0) parts.push(`它自己有 ${bytes(own)}没有得到确认`);
  if (others > 0) parts.push(`${receiver.name} 有 ${bytes(others)}没有得到确认`);
  if (parts.length === 0 && hadData) parts.push('它收到的数据可能没有被读取');
  return parts.length === 0 ? '' : `；${parts.join('，')}`;
}

function elsewhere(accepted: Refusal['accepted']): string {
  if (accepted === null) return '';
  const { connections, first, last, isAll } = accepted;
  const where = connections === 1 ? `在包 ${first}` : `第一个在包 ${first}，最后一个在包 ${last}`;
  return `同一地址和端口${isAll ? '' : '至少'}接受了另外 ${count(connections)} 个连接（${where}）：那里有程序监听，或曾经有。`;
}

const REUSE: Readonly<Record<ReuseReason, string>> = {
  over: '先前的连接已经结束',
  number: '序号更大',
  timestamp: '时间戳更新',
};

const distance = (off: number) => `比它期待的下一个序号${off < 0 ? '小' : '大'} ${count(Math.abs(off))}`;

export const CLOSE = {
  'connection-refused': {
    cause: ({ usual, accepted }) =>
      usual !== null
        ? '被中间设备拒绝，或那里没有程序监听'
        : accepted !== null
          ? '程序有一段时间不在，或有些连接被拒绝'
          : '那里没有程序监听，或被防火墙拒绝',
    text: ({ sender, receiver, ttl, ipId, usual, accepted }) =>
      usual === null
        ? `${nameOf(sender)}用 RST 拒绝了 ${nameOf(receiver)}的连接。${elsewhere(accepted)}`
        : `一个以 ${nameOf(sender)}名义的 RST 拒绝了 ${nameOf(receiver)}的连接。${foreign({ ttl, ipId, usual })}${elsewhere(accepted)}`,
  },
  'handshake-reset.asked': {
    cause: '客户端放弃，或只是探看',
    text: ({ sender, receiver }) =>
      `${nameOf(sender)}在 ${nameOf(receiver)}的 SYN,ACK 之后复位了握手：它放弃了，或只是看看端口是否打开。`,
  },
  'handshake-reset.unasked': {
    cause: '该主机不知道这个 SYN',
    text: ({ sender, receiver }) =>
      `${nameOf(sender)}用 RST 应答 ${nameOf(receiver)}的 SYN,ACK：它没有请求过这个连接（迟到的旧 SYN，或伪造的地址）。`,
  },
  'connection-aborted': {
    cause: '关闭时还有未读的数据，或被中止',
    text: (cut) => {
      const { sender, receiver, ttl } = cut;
      const what = ttl === null ? `${nameOf(sender)}用 RST ` : `一个以 ${nameOf(sender)}名义发出的 RST `;
      return `${what}中止了与 ${nameOf(receiver)}的连接${losses(cut)}。${foreign(ttl)}`;
    },
  },
  'connection-aborted.gone': {
    cause: '那一端的连接已经结束：由它的应用程序结束，或因抓包中没有的复位而结束',
    text: (cut) => {
      const { sender, receiver, frame, ttl } = cut;
      const what =
        ttl === null
          ? `${nameOf(sender)}用 RST 应答 ${nameOf(receiver)}的包 ${frame}：它`
          : `一个以 ${nameOf(sender)}名义发出的 RST 应答了 ${nameOf(receiver)}的包 ${frame}：那一端`;
      return `${what}不久前还在发送数据，此时已没有这个连接${losses(cut)}。${foreign(ttl)}`;
    },
  },
  'connection-aborted.gave-up': {
    cause: '发送方放弃了',
    text: ({ sender, receiver, repeats }) =>
      `${nameOf(sender)}重复发送了 ${count(repeats)} 个报文段，没有得到 ${nameOf(receiver)}的应答，于是放弃并复位了连接。`,
  },
  'connection-aborted.fast-close': {
    cause: '另一端关闭了整个 MPTCP',
    text: ({ sender, receiver, frame }) =>
      `${nameOf(sender)}按 MPTCP 的要求，用 RST 应答 ${nameOf(receiver)}在包 ${frame} 中的 MP_FASTCLOSE。`,
  },
  'connection-aborted.unheard': {
    cause: '它或另一端关闭了整个 MPTCP 连接',
    text: ({ sender, receiver }) =>
      `${nameOf(sender)}在一个 MPTCP 连接上发出了 RST，而捕获中没有 ${nameOf(receiver)}的任何包：它可能中止了连接，也可能按 MPTCP 的要求应答了 MP_FASTCLOSE。`,
  },
  'connection-aborted.too-soon': {
    cause: '没有应答任何包的 RST',
    text: ({ sender, receiver, frame, elapsed, soonest, ttl }) =>
      `一个以 ${nameOf(sender)}名义发出的 RST 在 ${nameOf(receiver)}的包 ${frame} 之后 ${duration(elapsed)}结束了连接，而 ${nameOf(sender)}最快也要 ${duration(soonest)}才能应答：它不是应答。它是 ${nameOf(sender)}在那个包到达之前发出的，或是更近的设备（中间设备或伪造者）发出的。${foreign(ttl)}`,
  },
  'peer-forgot': {
    cause: ({ ttl }) => `${ttl === null ? '' : '中间设备，或'}那一端没有这个连接`,
    text: ({ sender, receiver, frame, ttl }) =>
      `${ttl === null ? `${nameOf(sender)}用 RST 应答` : `一个以 ${nameOf(sender)}名义发出的 RST 应答了`} ${nameOf(receiver)}的包 ${frame}，像一台没有这个连接的主机（重启过，中间设备超时，或先前已关闭或复位）。${foreign(ttl)}`,
  },
  'peer-forgot.not-taken': {
    cause: ({ ttl }) => `${ttl === null ? '' : '中间设备，或'}那一端没有完成握手`,
    text: ({ sender, receiver, frame, ttl }) =>
      `${ttl === null ? `${nameOf(sender)}用 RST 应答` : `一个以 ${nameOf(sender)}名义发出的 RST 应答了`} ${nameOf(receiver)}的包 ${frame}，而它发出 SYN,ACK 之后没有再发送过任何内容：它没有接受这个连接（监听队列已满，或程序停止了监听），或者 RST 由路径上的设备发出。${foreign(ttl)}`,
  },
  'reset-after-fin.lost': {
    cause: '数据发给了不再读取的一端',
    text: ({ sender, receiver, bytes: n }) =>
      `${nameOf(sender)}已经关闭，用 RST 应答 ${nameOf(receiver)}后来的数据：丢失了 ${bytes(n)}。`,
  },
  'reset-after-fin.alert': {
    cause: 'TLS close_notify 发给了不再读取的一端',
    text: ({ sender, receiver, bytes: n }) =>
      `${nameOf(sender)}已经关闭，用 RST 应答 ${nameOf(receiver)}的 TLS close_notify（${bytes(n)}）；没有丢失程序的数据。`,
  },
  'reset-after-fin': {
    cause: '关闭时不经过 TIME-WAIT',
    text: ({ sender, since }) =>
      `${nameOf(sender)}在自己的 FIN 之后发出 RST${since > 0 ? `（在前一个包之后 ${duration(since)}）` : ''}；没有丢失任何内容。`,
  },
  'time-wait-assassination': {
    cause: 'TIME-WAIT 中的 RST',
    text: ({ sender, receiver }) =>
      `${nameOf(sender)}的 RST 到达了处于 TIME-WAIT 的 ${nameOf(receiver)}，可能使它提前结束。`,
  },
  'forged-reset': {
    cause: '由别人发出，或有意误导',
    text: ({ sender, receiver, frame, answered }) =>
      `包 ${frame} 中以 ${nameOf(sender)}名义发出的 RST ${answered ? `只关闭了 ${nameOf(receiver)}一侧的连接：另一端仍在继续，得到的应答是 RST` : '没有结束任何东西：连接之后仍在继续'}。它是别人发出的，或是这一端为误导监听者而发出的。`,
  },
  'blind-reset.in-window': {
    cause: '在窗口之内，但不是下一个序号',
    text: ({ sender, receiver, off, ttl }) =>
      `有一个以 ${nameOf(sender)}名义发给 ${nameOf(receiver)}的 RST，序号${distance(off)}。必须用挑战确认（challenge ACK）应答。${origin(ttl)}`,
  },
  'blind-reset.gap': {
    cause: '发送方之前的报文段丢失了，或不在抓包里',
    text: ({ sender, receiver, off, ttl }) =>
      `${nameOf(sender)}发给 ${nameOf(receiver)}的 RST，序号${distance(off)}，之后发送方再没有数据：它之前的报文段丢失了或不在抓包里，或者这个 RST 是伪造的。必须用挑战确认（challenge ACK）应答。${origin(ttl)}`,
  },
  'blind-reset.outside': {
    cause: '在窗口之外',
    text: ({ sender, receiver, off, ttl }) =>
      `有一个以 ${nameOf(sender)}名义发给 ${nameOf(receiver)}的 RST，序号${distance(off)}。必须丢弃。${origin(ttl)}`,
  },
  'blind-reset.syn-sent': {
    cause: '没有确认 SYN',
    text: ({ sender, receiver, ttl }) =>
      `有一个以 ${nameOf(sender)}名义发出的 RST 没有确认 ${nameOf(receiver)}的 SYN。必须丢弃。${origin(ttl)}`,
  },
  'idle-close': {
    cause: '空闲定时器',
    text: ({ sender, idle }) => `${nameOf(sender)}在没有通信 ${duration(idle)}之后关闭了连接。`,
  },
  'idle-close.reset': {
    cause: '空闲定时器',
    text: ({ sender, idle }) => `${nameOf(sender)}在没有通信 ${duration(idle)}之后复位了连接。`,
  },
  'half-close': {
    cause: '一端只关闭了自己的方向',
    text: ({ closed, sender, bytes: n, segments }) =>
      `${nameOf(closed)}已关闭自己的方向；${nameOf(sender)}又用 ${count(segments)} 个报文段发送了 ${bytes(n)}。`,
  },
  'data-after-fin': {
    cause: '数据流已经结束',
    text: ({ sender, bytes: n }) => `${nameOf(sender)}在自己的 FIN 之后又发送了 ${bytes(n)}；接收方会忽略它们。`,
  },
  'fin-unanswered': {
    cause: '另一端没有应答',
    text: ({ sender, copies, waited }) =>
      `${nameOf(sender)}的 FIN（发送了 ${count(copies)} 次）直到抓包结束都没有得到确认，${copies > 1 ? '距最后一次发送' : '历时'} ${duration(waited)}。`,
  },
  'close-wait-stuck': {
    cause: '程序不关闭套接字',
    text: ({ end, waited, isAlive, isSure }) =>
      `${nameOf(end)}处于 CLOSE-WAIT，已有 ${duration(waited)}${isAlive ? '只发送保活包' : '没有发送任何内容'}：它的程序没有关闭连接${isSure ? '' : '，或者在抓包开始之前就已关闭自己的方向'}。`,
  },
  'port-reused': {
    cause: ({ reason }) => REUSE[reason],
    text: ({ one, other, gap, stream, reason }) =>
      `${one} 和 ${other} 在先前的连接（连接 ${stream}）之后 ${duration(gap)}又建立了新的连接，${REUSE[reason]}。`,
  },
  'port-reused-early': {
    cause: ({ open }) => (open ? '先前的连接还没有结束' : '序号和时间戳都不比先前的大'),
    text: ({ one, other, gap, open }) =>
      `${one} 和 ${other} 在先前连接的最后一个包之后 ${duration(gap)}就建立了新的连接，而先前的连接${open ? '没有关闭' : '仍处于 TIME-WAIT'}。`,
  },
} satisfies Partial<FindingWords['findings']>;
