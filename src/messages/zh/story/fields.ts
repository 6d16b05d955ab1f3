import { formatHex16 } from '../../../model/units.ts';
import type { StoryWords } from '../../story.ts';
import { bytes, count, duration } from '../grammar.ts';
import { other, who } from './words.ts';

const CHECKSUMS: Readonly<Record<string, string>> = {
  good: '正确：包和发出时一样',
  offload: '只有伪首部的和：抓包之后由网卡补全',
  unverified: '无法验证：抓包中没有完整的包',
  absent: '没有校验和',
};

/** The fields of a packet, with their meaning here. */
export const FIELDS = {
  'field.sender': ({ role }) => who(role),
  'field.receiver': ({ role }) => who(role),
  'field.time': ({ sinceStart, sincePrevious }) =>
    `在连接的第一个包之后 ${duration(sinceStart)}，在前一个包之后 ${duration(sincePrevious)}`,
  'field.ttl': ({ hops, start }) =>
    hops === 0
      ? `如果出发时是常见的 ${start}，那么还没有经过路由器`
      : `如果出发时是 ${start}，那么到这里经过了 ${count(hops)} 个路由器`,
  'field.ip-id': () => '发送方给这个 IP 包的编号',
  'field.fragment': ({ mayFragment }) => (mayFragment ? '路由器可以对它分片' : 'DF：路由器不得分片，太大时应当报告'),
  'field.ecn': ({ mark }) =>
    mark === 'none'
      ? '发送方在这个包上不使用 ECN'
      : mark === 'congestion'
        ? 'CE：有路由器标记了拥塞'
        : 'ECT：路由器可以在这里标记拥塞',
  'field.header-length': ({ options }) => (options === 0 ? '没有选项' : `20 字节，加上 ${bytes(options)}的选项`),
  'field.window': ({ raw, shift, window }) =>
    shift === 0
      ? `从确认号起，还可以接收 ${bytes(window)}`
      : `${raw} × 2^${shift}：从确认号起，还可以接收 ${bytes(window)}`,
  'field.window.syn': ({ window }) => `开始时可以接收 ${bytes(window)}；SYN 的窗口从不扩大`,
  'field.window.unknown': ({ raw }) => `${raw} 个单位，单位大小只在握手中说明，而握手没有抓到`,
  'field.window.rst': () => '在 RST 中没有意义',
  'field.window.zero': ({ role }) => `已关闭：${other(role)}现在不得发送数据`,
  'field.checksum': ({ status, expected }) =>
    status === 'bad' ? `错误，正确的是 ${formatHex16(expected)}：包已损坏，接收方会丢弃它` : CHECKSUMS[status],
  'field.urgent': ({ pointer }) =>
    pointer === 0 ? '未使用' : `如果设置了 URG，紧急数据在载荷的第 ${count(pointer)} 字节处结束`,
  'field.payload': ({ bytes: n, captured }) =>
    captured < n ? `给程序的数据，抓包中保存了其中 ${bytes(captured)}` : `给程序的数据：${bytes(n)}`,
  'field.payload.none': () => '没有数据',
  'flag.syn': () => 'SYN：打开一个方向，并告知初始序号',
  'flag.ack': () => 'ACK：确认号有效',
  'flag.psh': () => 'PSH：请立即把数据交给程序，后面暂时没有更多',
  'flag.fin': () => 'FIN：发送方没有更多数据',
  'flag.rst': () => 'RST：连接中断',
  'flag.urg': () => 'URG：紧急指针有效',
  'flag.ece': ({ isSyn }) => (isSyn ? 'ECE：用于协商 ECN' : 'ECE：收到了拥塞标记'),
  'flag.cwr': ({ isSyn }) => (isSyn ? 'CWR：用于协商 ECN' : 'CWR：发送方已经减小拥塞窗口'),
  'flag.ae': () => 'AE：精确 ECN（RFC 9768）',
  'field.mss': ({ mss }) => `能接收的最大报文段：${bytes(mss)}`,
  'field.scale': ({ shift }) => `如果双方都发送这个选项，它以后的窗口以 ${bytes(2 ** shift)}为单位`,
  'field.sack-permitted': () => '它支持选择确认',
  'field.sack': ({ from, to }) => `字节 ${from} 到 ${to - 1} 也已到达`,
  'field.timestamps': ({ echoes }) =>
    echoes ? '它自己的时钟，以及它见到的对方最新的时间戳' : '它自己的时钟；还没有可回显的',
  'field.other-option': () => '对这里的讲解没有影响的选项',
} satisfies Partial<StoryWords>;
