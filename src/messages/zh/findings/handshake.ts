import type { Flood, Scan } from '../../en/findings/handshake.ts';
import type { End, FindingWords } from '../../message.ts';
import { bytes, count, duration, list, nameOf, percent } from '../grammar.ts';

function defence({ answered, repeated, syns, defence }: Flood): string {
  if (defence === 'silent') return '它一个也没有应答';
  const part = answered === syns ? '它全部作了应答' : `它应答了其中 ${count(answered)} 个`;
  switch (defence) {
    case 'cookies':
      return `${part}，${repeated === 0 ? '没有重发任何 SYN,ACK' : `只对 ${count(repeated)} 个重发了 SYN,ACK`}：它不为它们保留状态（SYN cookies）`;
    case 'backlog-or-cookies':
      return `${part}，对 ${count(repeated)} 个重发了 SYN,ACK：这些保持半开；抓包太短，看不出它是否保留其余的（SYN cookies）`;
    case 'backlog':
      return `${part}，对 ${count(repeated)} 个重发了 SYN,ACK：它保留半开的连接`;
    default:
      return part;
  }
}

function outcomes({ refused, silent, open, openAt, probes }: Scan): string {
  const parts: string[] = [];
  if (refused > 0) parts.push(`${count(refused)} 个${probes > 0 ? '以 RST 应答' : '被拒绝'}`);
  if (silent > 0) parts.push(`${count(silent)} 个没有任何应答`);
  const more = open > openAt.length ? ' 等' : '';
  if (open > 0) parts.push(`${count(open)} 个有应答（${openAt.join('、')}${more}）`);
  return parts.join('，');
}

const scan = {
  cause: ({ refused, open, probes }: Scan) => (refused + open + probes > 0 ? '扫描' : '扫描，或者没有谁应答这台主机'),
  text: (values: Scan) => {
    const { source, refused, silent, open, probes } = values;
    const tried = refused + silent + open;
    const pace = `每秒 ${count(values.perSecond)} 个`;
    const targets = `${values.isEstimate ? '约' : ''} ${count(values.hosts)} 台主机的 ${count(values.ports)} 个端口`;
    if (probes === tried)
      return `${source} 在 ${duration(values.span)}内向${targets}发送了 ${count(tried)} 个不带 SYN、不属于任何连接的包（${pace}）：${outcomes(values)}。`;
    const some = probes > 0 ? `，其中 ${count(probes)} 个是不带 SYN 的单个包` : '';
    return `${source} 在 ${duration(values.span)}内尝试了${targets}，共 ${count(tried)} 个连接${some}（${pace}），大多没有结果：${outcomes(values)}。`;
  },
};

const names = (ends: readonly End[]) => list(ends.map(nameOf));

export const HANDSHAKE = {
  'syn-unanswered': {
    cause: '完全没有应答',
    text: ({ client, server, waited }) =>
      `直到 ${duration(waited)}之后抓包结束，其中没有对 ${nameOf(client)}发往 ${server} 的 SYN 的应答。`,
  },
  'half-open': {
    cause: 'SYN,ACK 始终没有得到确认',
    text: ({ client, server, waited }) =>
      `${nameOf(client)}始终没有确认 ${nameOf(server)}的 SYN,ACK：连接保持半开 ${duration(waited)}。`,
  },
  'syn-flood': {
    cause: ({ sources, syns }) => (sources > syns / 4 ? '来源很多，可能是伪造的' : '来源不多'),
    text: (flood) =>
      `${flood.server} 在 ${duration(flood.span)}内收到来自${flood.isEstimate ? '约' : ''} ${count(flood.sources)} 个地址的 ${count(flood.syns)} 个 SYN（每秒 ${count(flood.perSecond)} 个），握手都没有完成（占全部的 ${percent(flood.share)}）；${defence(flood)}。`,
  },
  'port-scan': scan,
  'host-sweep': scan,
  'syn-answered-by-ack': {
    cause: '那一端还留有先前的连接',
    text: ({ server, client, frame }) =>
      `${nameOf(server)}用先前连接的 ACK（包 ${frame}）应答 ${nameOf(client)}的 SYN：那一端还留有那个连接，半开或处于 TIME-WAIT。客户端必须先复位它，再发一次 SYN。`,
  },
  'ecn-refused': {
    cause: '带 ECN 的 SYN 可能在路上被丢弃',
    text: ({ client, server, first, frame }) =>
      `${nameOf(client)}在包 ${first} 中发往 ${server} 的 SYN 请求使用 ECN，没有得到应答；包 ${frame} 中不带 ECN 的 SYN 得到了应答。`,
  },
  'simultaneous-open': {
    cause: '双方都发出了 SYN',
    text: ({ one, other }) => `${nameOf(one)}和 ${nameOf(other)}的 SYN 在路上交错：双方同时打开连接。`,
  },
  'split-handshake.ack': {
    cause: 'ACK 和 SYN 分成两个报文段',
    text: ({ end, frame }) => `${nameOf(end)}在包 ${frame} 中确认了 SYN，又单独发出不带 ACK 的 SYN：拆开的握手。`,
  },
  'split-handshake.syn': {
    cause: '只用 SYN 应答 SYN',
    text: ({ end, other }) => `${nameOf(end)}用自己的、不带 ACK 的 SYN 应答 ${nameOf(other)}的 SYN：拆开的握手。`,
  },
  'tfo-accepted': {
    cause: 'cookie 有效',
    text: ({ server, bytes: n }) => `${nameOf(server)}接受了 SYN 携带的 ${bytes(n)}数据（TCP Fast Open）。`,
  },
  'tfo-ignored.lost': {
    cause: '带数据的 SYN 丢失或被丢弃',
    text: ({ client, bytes: n }) => `${nameOf(client)}携带 ${bytes(n)}数据的 SYN 没有得到应答；又发了一次不带数据的。`,
  },
  'tfo-ignored.refused': {
    cause: '服务器没有接受数据',
    text: ({ server, bytes: n }) =>
      `${nameOf(server)}确认了 SYN，但没有确认它携带的 ${bytes(n)}数据（TCP Fast Open）。`,
  },
  'mss-missing': {
    cause: '缺少该选项',
    text: ({ end, peer, assumed }) => `${nameOf(end)}没有说明 MSS：${peer} 只能按 ${assumed} 字节。`,
  },
  'no-window-scaling': {
    cause: '缺少该选项',
    text: ({ ends, round }) => {
      const megabits = round === null ? 0 : (65535 * 8 * 1000) / round;
      const ceiling =
        round === null
          ? ''
          : `，往返时间为 ${duration(round)}时最多 ${megabits >= 10 ? Math.round(megabits) : megabits.toFixed(1)} Mbit/s`;
      return `${names(ends)}没有提出窗口扩大：最多只能有 65,535 字节在路上${ceiling}。`;
    },
  },
  'no-sack': {
    cause: '缺少该选项',
    text: ({ ends }) => `${names(ends)}不允许 SACK：一个窗口内的多次丢包，每个往返只能修复一个。`,
  },
  'no-timestamps': {
    cause: '缺少该选项',
    text: ({ ends }) => `${names(ends)}没有提出时间戳：重复发送的报文段的往返时间无法确定。`,
  },
  'isn-constant': {
    cause: '没有随机数发生器',
    text: ({ address, connections, numbers, isn, uses }) =>
      numbers === 1
        ? `${address} 的 ${count(connections)} 个连接都用同一个初始序号 ${count(isn)}。`
        : `${address} 的 ${count(connections)} 个连接只用 ${count(numbers)} 个初始序号，其中 ${count(uses)} 个连接用 ${count(isn)}。`,
  },
  'isn-predictable.step': {
    cause: '每个连接增加固定的值',
    text: ({ address, connections, step }) =>
      `${address} 的初始序号每个连接增加 ${count(step)}（${count(connections)} 个连接）：任何人都能预测下一个。`,
  },
  'isn-predictable.time': {
    cause: '与时间成正比',
    text: ({ address, connections, perSecond }) =>
      `${address} 在通往不同套接字的 ${count(connections)} 个连接上，初始序号每秒增加 ${count(perSecond)}：任何人都能预测下一个。`,
  },
  'isn-predictable.rising': {
    cause: '每个连接增加很小的值',
    text: ({ address, connections, step }) =>
      `${address} 的初始序号每个连接只增加一点（中位数 ${count(step)}，${count(connections)} 个连接）：很容易猜到下一个。`,
  },
} satisfies Partial<FindingWords['findings']>;
