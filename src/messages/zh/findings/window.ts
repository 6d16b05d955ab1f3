import type { Excess, Provocation } from '../../en/findings/window.ts';
import type { FindingWords } from '../../message.ts';
import { bytes, count, duration, nameOf, percent, waited } from '../grammar.ts';

const PROVOCATIONS: Readonly<Record<Provocation, string>> = {
  syn: 'SYN',
  unfit: '不合适的报文段',
  rst: '窗口之内的 RST',
  unsent: '对未发送数据的确认',
};

const every = (probes: number, interval: number) => (probes > 1 ? `，每隔 ${duration(interval)}一次` : '');

const excess = ({ sender, receiver, segments, most }: Excess) =>
  `${nameOf(sender)}发送的数据超过了 ${nameOf(receiver)}在抓包中给出的窗口，共 ${count(segments)} 个报文段，最多超出 ${bytes(most)}。`;

export const WINDOW = {
  'zero-window': {
    cause: '程序没有读取',
    text: ({ owner, peer, lasted, opened, isReset, probes, intervals }) => {
      const unopened = isReset ? '连接被重置时' : '';
      const length = opened ? `，持续 ${duration(lasted)}` : `，${duration(lasted)}之后${unopened}仍未打开`;
      const probing = probes === 0 ? '' : `；${nameOf(peer)}探测了 ${count(probes)} 次，${waited(intervals)}`;
      return `${nameOf(owner)}关闭了窗口${length}${probing}。`;
    },
  },
  'window-update-lost': {
    cause: '窗口更新没有到达',
    text: ({ owner, peer, evidence }) => {
      const shown =
        evidence.shown === 'answer'
          ? `直到对包 ${evidence.probeFrame} 中探测的应答才说明`
          : `包 ${evidence.updateFrame} 中的更新在 ${duration(evidence.since)}之前就已打开窗口`;
      return `${nameOf(owner)}的窗口已重新打开，但 ${nameOf(peer)}不知道：${shown}。`;
    },
  },
  'window-full': {
    cause: '接收窗口太小，或程序太慢',
    text: ({ sender, receiver, largest, stops, stopped, share }) =>
      `${nameOf(receiver)}的窗口${largest === null ? '' : `（最大 ${bytes(largest)}）`}使 ${nameOf(sender)}${largest === null ? '至少' : ''}停了 ${count(stops)} 次，共${largest === null ? '至少' : ''} ${duration(stopped)}（占连接时间的 ${percent(share)}）。`,
  },
  'data-beyond-window': {
    cause: '发送方不遵守窗口',
    text: excess,
  },
  'data-beyond-window.taken': {
    cause: '抓包漏掉了窗口更新',
    text: (values) => `${excess(values)}这些数据都得到了确认：抓包可能漏掉了给出更大窗口的确认。`,
  },
  'window-shrunk': {
    cause: '接收方的空间比它说的少',
    text: ({ owner, retreats, most }) =>
      `${nameOf(owner)}收回了 ${count(retreats)} 次已经给出的窗口，最多 ${bytes(most)}。`,
  },
  'out-of-order-discarded': {
    cause: '没有存放乱序报文段的队列',
    text: ({ receiver, sender, flights, bytes: n, acks }) =>
      `${nameOf(receiver)}不保留任何乱序到达的数据：它有 ${count(flights)} 次用重复确认（开始时 ${acks} 个）报告后面的报文段已到，而 ${nameOf(sender)}不得不再次发送整批数据（${bytes(n)}）。`,
  },
  'sack-reneging': {
    cause: '接收方内存不足',
    text: ({ receiver, sender, frame, ack, bytes: n, occasions }) =>
      `${nameOf(receiver)}有 ${count(occasions)} 次丢弃了它已用 SACK 报告过的数据（共 ${bytes(n)}）：包 ${frame} 中的确认号 ${count(ack)} 停在它报告过的字节上，${nameOf(sender)}不得不再次发送。`,
  },
  'small-segments': {
    cause: '程序每次只写几个字节',
    text: ({ sender, segments, bytes: n }) =>
      `${nameOf(sender)}用 ${count(segments)} 个报文段发送了 ${bytes(n)}，平均每个 ${bytes(Math.round(n / segments))}。`,
  },
  'silly-window': {
    cause: '程序每次只读几个字节',
    text: ({ owner, openings, segment, smallest }) =>
      `${nameOf(owner)}每次只打开一点窗口：有 ${count(openings)} 次少于一个报文段（${bytes(segment)}），其中最小的只有 ${bytes(smallest)}。发送方只能发送小报文段。`,
  },
  'keep-alive': {
    cause: '连接空闲',
    text: ({ prober, probes, interval }) =>
      `${nameOf(prober)}用 ${count(probes)} 个探测保持空闲的连接${every(probes, interval)}。`,
  },
  'keep-alive-failure': {
    cause: '另一端没有应答',
    text: ({ prober, peer, probes, interval, end }) =>
      `${nameOf(peer)}没有应答 ${nameOf(prober)}的 ${count(probes)} 个保活${every(probes, interval)}；${end === 'reset' ? `之后 ${nameOf(prober)}复位了连接` : '直到抓包结束都没有更多内容'}。`,
  },
  'duplicate-acks': {
    cause: '报文段在缺口之后到达',
    text: ({ receiver, bursts, longest }) =>
      `${nameOf(receiver)}发出了 ${count(bursts)} 批重复确认，最长的一批有 ${longest} 个：有报文段在缺口之后到达它。`,
  },
  'delayed-acks': {
    cause: '接收方等待第二个报文段，或等待可以一起发送的数据',
    text: ({ receiver, acks, mean, total }) =>
      `${nameOf(receiver)}推迟了 ${count(acks)} 个对单个报文段的确认，平均 ${duration(mean)}，共 ${duration(total)}。`,
  },
  'stretch-acks': {
    cause: '网卡合并接收，或确认在路上被减少或丢失',
    text: ({ receiver, acks, share }) =>
      `${nameOf(receiver)}有 ${count(acks)} 个确认（${percent(share)}）每个都覆盖两个以上的完整报文段。`,
  },
  'challenge-ack': {
    cause: ({ provocation }) => PROVOCATIONS[provocation],
    text: ({ end, provocation, frame, late }) =>
      `${nameOf(end)}在 ${duration(late)}后用挑战确认（challenge ACK）应答包 ${frame}（${PROVOCATIONS[provocation]}）。`,
  },
  'challenge-ack.unprovoked': {
    cause: '没有经过这里的东西',
    text: ({ end, acks }) =>
      `${nameOf(end)}重复了 ${count(acks)} 次确认，而抓包中没有引起它的内容：可能是对别处来的报文段的挑战确认（challenge ACK）。`,
  },
  'ack-of-unsent-data': {
    cause: '伪造，或两端不一致',
    text: ({ acker, owner, frame, bytes: n }) =>
      `以 ${nameOf(acker)}名义发出的包 ${frame} 确认了 ${nameOf(owner)}从未发送过的 ${bytes(n)}。`,
  },
} satisfies Partial<FindingWords['findings']>;
