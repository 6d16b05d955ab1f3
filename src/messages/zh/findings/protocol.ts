import type { BlockFault, FlagsFault, Icmp, IcmpReason, Sign, StateEvent } from '../../en/findings/protocol.ts';
import type { FindingWords } from '../../message.ts';
import { bytes, count, list, nameOf } from '../grammar.ts';
import { foreign } from './close.ts';

const FLAGS: Readonly<Record<FlagsFault, string>> = {
  'syn-fin': '同时有 SYN 和 FIN',
  'syn-rst': '同时有 SYN 和 RST',
  'rst-fin': '同时有 RST 和 FIN',
  none: 'ACK、SYN 和 RST 一个也没有',
};

const BLOCKS: Readonly<Record<BlockFault, string>> = {
  reversed: '它的结束在开始之前',
  'beyond-window': '它超出了自己的窗口允许过的全部范围',
  'below-ack': '它低于同一个包的确认号',
};

const EVENTS: Readonly<Record<StateEvent, string>> = {
  'sent-syn': '发送了 SYN',
  'sent-syn-ack': '发送了 SYN,ACK',
  'sent-fin': '发送了 FIN',
  'sent-rst': '发送了 RST',
};

function signText(s: Sign): string {
  switch (s.sign) {
    case 'unstamped':
      return '没有约定的时间戳';
    case 'beyond-window':
      return `超出窗口 ${bytes(s.bytes)}`;
    case 'place':
      return `它的发送方的下一个偏移是 ${count(s.stands)}`;
    case 'acks-unsent':
      return `确认了从未发送过的 ${bytes(s.bytes)}`;
    case 'ttl':
      return `TTL 是 ${s.ttl} 而不是 ${s.usual}`;
    case 'ip-id':
      return `IP 标识 ${s.ipId} 和 ${s.usual} 相差很远`;
  }
}

/** RFC 792; RFC 1122 section 3.2.2.1. */
const UNREACHABLE = [
  '网络不可达',
  '主机不可达',
  '协议不可达',
  '端口不可达',
  '需要分片',
  '源路由失败',
  '网络未知',
  '主机未知',
  '源主机被隔离',
  '网络被管理员禁止',
  '主机被管理员禁止',
  '对该服务类型网络不可达',
  '对该服务类型主机不可达',
  '通信被管理员禁止',
  '违反主机优先级',
  '优先级过低',
];
/** RFC 4443 section 3.1. */
const UNREACHABLE_V6 = [
  '没有通往目的地的路由',
  '通信被管理员禁止',
  '超出源地址的范围',
  '地址不可达',
  '端口不可达',
  '源地址不符合策略',
  '路由被拒绝',
];
const TYPES: Readonly<Record<number, string>> = { 4: '源抑制', 5: '重定向', 11: '超时', 12: '参数问题' };
const TYPES_V6: Readonly<Record<number, string>> = { 3: '超时', 4: '参数问题' };

function icmpReason(reason: IcmpReason): string {
  const isV6 = reason.version === 6;
  if ('code' in reason) return (isV6 ? UNREACHABLE_V6 : UNREACHABLE)[reason.code] ?? `代码 ${reason.code}`;
  return (isV6 ? TYPES_V6 : TYPES)[reason.type] ?? `类型 ${reason.type}`;
}

const icmpEnd = ({ messages, believed }: { messages: number; believed: boolean }) =>
  `${messages > 1 ? `，共 ${count(messages)} 次` : ''}。${believed ? '' : '它引用的报文段并没有在等待确认，可能是伪造的。'}`;

const icmpError = {
  cause: ({ reason }: Icmp) => icmpReason(reason),
  text: (e: Icmp) =>
    `${e.router} 对 ${nameOf(e.sender)}发往 ${e.receiver} 的包报告“${icmpReason(e.reason)}”${icmpEnd(e)}`,
};

export const PROTOCOL = {
  'illegal-flags': {
    cause: ({ fault }) => FLAGS[fault],
    text: ({ sender, frame, letters, fault, ttl }) =>
      `${ttl === null ? `${nameOf(sender)}的` : `以 ${nameOf(sender)}名义发出的`}包 ${frame} 带有标志 [${letters}]：${FLAGS[fault]}。${foreign(ttl)}`,
  },
  'reserved-bits': {
    cause: '必须为零的位',
    text: ({ sender, frame, bits, ttl }) => {
      const set = `设置了保留位（${bits.toString(2).padStart(3, '0')}）`;
      return ttl === null
        ? `${nameOf(sender)}在包 ${frame} 的首部${set}。`
        : `以 ${nameOf(sender)}名义发出的包 ${frame} 的首部${set}。${foreign(ttl)}`;
    },
  },
  'window-scale-too-large': {
    cause: '移位数大于 14',
    text: ({ sender, shift, largest }) => `${nameOf(sender)}提出窗口扩大因子 ${shift}；最大是 ${largest}，按它使用。`,
  },
  'malformed-options': {
    cause: '不可能的长度',
    text: ({ sender, frame }) => `${nameOf(sender)}的包 ${frame} 的选项格式错误：第一个错误之后的内容无法读取。`,
  },
  'urgent-data': {
    cause: '程序发送了带外数据',
    text: ({ sender, segments }) => `${nameOf(sender)}在 ${count(segments)} 个报文段中发送了紧急数据。`,
  },
  'urgent-pointer-zero': {
    cause: '紧急数据在开始之前就结束',
    text: ({ sender, frame }) => `${nameOf(sender)}的包 ${frame} 有 URG 标志，紧急指针却是零。`,
  },
  'urgent-pointer-unused': {
    cause: '没有意义的指针',
    text: ({ sender, segments }) => `${nameOf(sender)}有 ${count(segments)} 个报文段带有紧急指针，却没有 URG 标志。`,
  },
  'timestamps-missing': {
    cause: '选项被省略或被去掉',
    text: ({ sender, frame }) => `${nameOf(sender)}的包 ${frame} 没有双方约定的时间戳；接收方可能丢弃它。`,
  },
  'timestamps-backwards': {
    cause: '一个地址之后有多个时钟，或时钟被拨回',
    text: ({ sender, frame, ticks }) =>
      `${nameOf(sender)}在包 ${frame} 中的新数据，时间戳比先前的数据旧 ${count(ticks)} 个单位：接收方会丢弃它（PAWS）。`,
  },
  'sack-outside-window': {
    cause: ({ fault }) => BLOCKS[fault],
    text: ({ sender, frame, left, right, fault }) =>
      `${nameOf(sender)}在包 ${frame} 中报告了无效的 SACK 块 ${count(left)}:${count(right)}，${BLOCKS[fault]}。`,
  },
  'illegal-transition': {
    cause: '没有这样的状态转换',
    text: ({ end, event, state }) => `${nameOf(end)}在 ${state} 状态${EVENTS[event]}，TCP 不允许这样做。`,
  },
  'blind-syn': {
    cause: '伪造，或客户端失去了记忆',
    text: ({ sender, receiver }) =>
      `在与 ${nameOf(receiver)}的连接中途，出现了以 ${nameOf(sender)}名义发出的 SYN；它不改变任何状态，必须用挑战确认（challenge ACK）应答。`,
  },
  'injected-segment': {
    cause: '由别人发出',
    text: ({ sender, receiver, frame, bytes: n, offset, signs }) => {
      const what = n > 0 ? `在偏移 ${count(offset)} 处带有 ${bytes(n)}` : '不带数据';
      return `以 ${nameOf(sender)}名义发出的包 ${frame}，${what}，并不是它发出的：${list(signs.map(signText))}。${nameOf(receiver)}会丢弃它。`;
    },
  },
  'icmp-too-big': {
    cause: '下一段链路更小',
    text: ({ router, sender, mtu, messages, believed }) =>
      `${router} 报告 ${nameOf(sender)}的一个包对它的下一段链路太大${mtu > 0 ? `，那里只能通过 ${bytes(mtu)}` : ''}${icmpEnd({ messages, believed })}`,
  },
  'icmp-unreachable': icmpError,
  'icmp-other': icmpError,
} satisfies Partial<FindingWords['findings']>;
