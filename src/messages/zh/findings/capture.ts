import { formatHex16 } from '../../../model/units.ts';
import type { FindingWords } from '../../message.ts';
import { bytes, count, duration, list, nameOf, percent } from '../grammar.ts';

const EDITED = {
  'same-ip-id': '两端所有包的 IP 标识都相同',
  'own-ip-ids': '每一端所有包的 IP 标识都相同',
  damaged: '同一端的 IP 头校验和有的错有的对，像是随机改动过字节',
  padding: '以太网短帧的填充字节算作了数据，像是重新计算过长度',
  checksums: '两端几乎所有 TCP 校验和都是错的，像是改过地址',
};

/** 什么需要只作确认的包。 */
const ASKED_BY = {
  connections: '多个带有握手的连接',
  data: '单方向的大量数据',
  both: '多个带有握手的连接和单方向的大量数据都',
};

export const CAPTURE = {
  'capture-joined': {
    cause: '多个抓包合并成一个文件',
    text: ({ frames }) =>
      `文件由多个抓包合并而成，接缝在包 ${list(frames.map(String))}：时间、顺序和缺少应答在这里说明不了什么。`,
  },
  'capture-joined.again': {
    cause: '抓包与自身合并成一个文件',
    text: ({ frames }) =>
      `文件多次包含同样的连接：包 ${list(frames.map(String))} 是先前连接的 SYN，序号和时间戳都相同。时间、顺序和缺少应答在这里说明不了什么。`,
  },
  'capture-joined.directions': {
    cause: '两个方向由不同的时钟记录',
    text: ({ first, late, longest }) =>
      `两个方向的时钟不一致：${count(first)} 个首次 SYN 中有 ${count(late)} 个排在对它的 ACK 之后，最多晚 ${duration(longest)}。时间、顺序和缺少应答在这里说明不了什么。`,
  },
  'capture-edited': {
    cause: '由程序写出或修改',
    text: ({ sign }) => `这些包由程序写出或修改过：${EDITED[sign]}。时间、顺序和缺少应答在这里说明不了什么。`,
  },
  'capture-filtered': {
    cause: '只抓 SYN、FIN 和 RST 的过滤器',
    text: ({ segments }) =>
      `全部 ${count(segments)} 个包都带有 SYN、FIN 或 RST，而其间传输过数据：抓包经过了过滤。缺少应答在这里说明不了什么。`,
  },
  'capture-filtered.acks': {
    cause: '过滤器去掉了确认',
    text: ({ segments, askedBy }) =>
      `${count(segments)} 个包中没有一个只作确认，而${ASKED_BY[askedBy]}需要确认：抓包经过了过滤。缺少应答在这里说明不了什么。`,
  },
  'capture-filtered.empty': {
    cause: '过滤器去掉了所有不带数据的包',
    text: ({ segments, closed }) =>
      `全部 ${count(segments)} 个包都带有数据，而 ${count(closed)} 个连接的 FIN 已被确认却不在抓包中：抓包经过了过滤。缺少应答在这里说明不了什么。`,
  },
  'invented-times': {
    cause: '这些时间不是时钟给出的',
    text: ({ sign, records, interval }) => {
      switch (sign) {
        case 'equal':
          return `全部 ${count(records)} 个包的时间相同：不知道时长。`;
        case 'even':
          return `全部 ${count(records)} 个包的间隔正好都是 ${duration(interval)}：时间是编造的，时长没有意义。`;
        case 'whole-seconds':
          return `全部 ${count(records)} 个包都在整秒：不知道更短的时长。`;
        case 'instant':
          return '大多数应答在一微秒之内到达，没有主机能做到：时间是编造的，时长没有意义。';
        case 'stamps':
          return '两端的 TCP 时间戳在这份抓包的一秒之内走过 4,000 多个刻度，没有主机能做到：它曾以更快的速度重放，或者时间被改过。';
        case 'early':
          return '包的日期早于 1990 年：抓包主机的时钟没有设置，或者时间是编造的。只有前一种情况下时长才有意义。';
      }
    },
  },
  'missing-in-capture': {
    cause: '抓包没有记录下来',
    text: ({ owner, bytes: n, gaps, frame }) =>
      `${nameOf(owner)}有 ${bytes(n)}${n === 1 ? '（或 FIN）' : ''}（${count(gaps)} 处缺口）已经到达，但抓包中没有：${gaps === 1 ? '' : '第一处'}由包 ${frame} 确认。抓包中缺少这些包（漏抓、被过滤或已损坏），也看不出其中是否有丢失后重发的。`,
  },
  'missing-in-capture.view': {
    cause: '抓包在这个观察点没有记录下来',
    text: ({ owner, bytes: n, gaps, frame, view }) =>
      `${nameOf(owner)}有 ${bytes(n)}${n === 1 ? '（或 FIN）' : ''}（${count(gaps)} 处缺口）已经到达，但在 ${view} 处的抓包中没有：${gaps === 1 ? '' : '第一处'}由包 ${frame} 确认。抓包在那里缺少这些包（漏抓、被过滤或已损坏）；其他观察点可能有它们。`,
  },
  'missing-in-capture.crowded': {
    cause: '抓包没有记录下来，或者记录在其 ACK 之后',
    text: ({ owner, bytes: n, gaps, frame }) =>
      `${nameOf(owner)}有 ${bytes(n)}${n === 1 ? '（或 FIN）' : ''}（${count(gaps)} 处缺口）已经到达，但在抓包中没有找到：${gaps === 1 ? '' : '第一处'}由包 ${frame} 确认。同时出现的缺口多于所能记住的数目：其中一些包可能就在抓包中，排在其 ACK 之后。`,
  },
  'missing-in-capture.beginning': {
    cause: '在抓包开始之前发出，或者抓包没有记录下来',
    text: ({ owner, bytes: n, frame }) =>
      `${nameOf(owner)}有 ${bytes(n)}${n === 1 ? '（或 FIN）' : ''}已经到达，但抓包中没有：由包 ${frame} 确认。抓包开始时连接已经建立，这些字节当时多半正在途中。`,
  },
  'missing-in-capture.answer': {
    cause: '抓包没有记录下来',
    text: ({ owner, frame }) =>
      `${nameOf(owner)}的 SYN,ACK 不在抓包中：包 ${frame} 请求的连接后来已经建立，其服务器发送了数据。抓包中缺少这个包（漏抓、被过滤或已损坏），也看不出它何时到达。`,
  },
  'capture-drop': {
    cause: '抓包速度跟不上',
    text: ({ name, dropped, received }) =>
      `按抓包自己的统计，${name} 上${received === null ? '' : `的 ${count(received)} 个包中`}漏掉了 ${count(dropped)} 个包。`,
  },
  'capture-duplicate': {
    cause: '同一个包被记录了两次',
    text: ({ copies, share, frame, original }) =>
      `有 ${count(copies)} 个包（${percent(share)}）在抓包中出现了第二次，第一个是包 ${frame}，它是包 ${original} 的副本。副本不参与任何判定。`,
  },
  'capture-misordered': {
    cause: '记录包的顺序不对',
    text: ({ packets, furthest, frame }) =>
      `文件中有 ${count(packets)} 个包不按时间顺序，最多相差 ${duration(furthest)}，第一个是包 ${frame}。`,
  },
  'clock-step.back': {
    cause: '时钟被拨回，或抓包被合并',
    text: ({ back, frame }) =>
      `时间在包 ${frame} 处倒退了 ${duration(back)}：时钟被调整过，或抓包被合并过。跨过这个包的时长没有意义。`,
  },
  'clock-step.forward': {
    cause: '时钟被拨快',
    text: ({ gap, frame, address }) =>
      `时间在包 ${frame} 处前进了 ${duration(gap)}，而${address === null ? '各主机' : ` ${address} `}的 TCP 时间戳没有：抓包的时钟被调整过。跨过这个包的时长没有意义。`,
  },
  'ack-before-data': {
    cause: '抓包颠倒了两个方向',
    text: ({ owner, acker, segments, longest }) =>
      `${nameOf(owner)}的 ${count(segments)} 个报文段，${longest > 0 ? `比 ${nameOf(acker)}对它们的确认晚抓到，最多晚 ${duration(longest)}` : `写在 ${nameOf(acker)}对它们的确认之后`}：抓包颠倒了这些包。`,
  },
  'one-way-capture': {
    cause: '另一个方向不经过这里',
    text: ({ connections }) => `有 ${count(connections)} 个连接只抓到一个方向。另一端做了什么，只能从确认推断。`,
  },
  'mid-stream': {
    cause: '抓包在握手之后开始',
    text: ({ connections }) =>
      `有 ${count(connections)} 个连接在抓包之前就已开始：不知道它们的窗口扩大因子和初始序号。`,
  },
  'snaplen-cut': {
    cause: '抓包长度（snaplen）',
    text: ({ cut, total, length }) =>
      `${count(total)} 个包中有 ${count(cut)} 个（${percent(cut / total)}）被截断${length === null ? '' : `，只留 ${bytes(length)}`}：无法验证它们的校验和，也没有它们的内容。`,
  },
  'capture-position': {
    cause: '两端的应答时间',
    text: ({ place, address, client, server, clientAnswers, serverAnswers, agreed, asked }) => {
      const where = place === 'loopback' ? '回环接口上，两端都在那里' : place === 'middle' ? '两端之间' : ` ${address}`;
      const agree = asked === 1 ? '' : `（${count(asked)} 个连接中有 ${count(agreed)} 个一致）`;
      return `抓包点在${where}：${client} 在 ${duration(clientAnswers)}之内应答，${server} 在 ${duration(serverAnswers)}之内应答${agree}。`;
    },
  },
  'offload-segments': {
    cause: '在网卡切分之前或合并之后抓到',
    text: ({ segments, addresses, largest }) =>
      `${list(addresses, 3)} 有 ${count(segments)} 个报文段大于 MSS，最大 ${bytes(largest)}：每一个在线路上都是好几个。`,
  },
  'checksum-offload': {
    cause: '由网卡填写',
    text: ({ addresses, partial, wrong, wrongIp }) => {
      const sorts = [];
      if (partial > 0) sorts.push(`${count(partial)} 个只有伪首部的和`);
      if (wrong > 0) sorts.push(`${count(wrong)} 个是别的错误值`);
      if (wrongIp > 0) sorts.push(`${count(wrongIp)} 个 IP 首部的校验和错误`);
      const but = partial > 0 ? '' : '，除非抓包被修改过（替换了地址）';
      return `${list(addresses, 3)} 把校验和留给网卡计算：${list(sorts)}。在线路上它们是正确的${but}。`;
    },
  },
  'corrupted-segment': {
    cause: '在路上被改变',
    text: ({ sender, segments, bytes: n, frame, found, expected }) =>
      `${nameOf(sender)}有 ${count(segments)} 个报文段（${bytes(n)}）到这里时已损坏：包 ${frame} 的校验和是 ${formatHex16(found)}，应当是 ${formatHex16(expected)}。接收方会丢弃它们。`,
  },
  'questions-limit': {
    cause: '内存限制',
    text: ({ questions, worst, stream }) =>
      `同时等待答案的报文段太多：其中 ${count(questions)} 个的结果不明，大多属于 ${nameOf(worst)}（连接 ${stream}）。`,
  },
  'connections-evicted': {
    cause: ({ forMemory }) => (forMemory > 0 ? '内存有限' : '淘汰规则'),
    text: ({ connections, packets, by, heardAgain }) => {
      const sorts: [number, string][] = [
        [by.attempt, '次没有结果的尝试'],
        [by.closed, '个已关闭'],
        [by['half-closed'], '个半关闭'],
        [by.idle, '个空闲'],
      ];
      const parts = sorts.filter(([number]) => number > 0).map(([number, text]) => `${count(number)} ${text}`);
      const again = heardAgain === 0 ? '' : `其中 ${count(heardAgain)} 个后来又有迟到的包，编号是新的。`;
      return `${count(connections)} 个连接（${count(packets)} 个包）在分析结束前离开（${parts.join('、')}）：它们计入总数，但没有各自的行。${again}`;
    },
  },
  'memory-limit': {
    cause: '内存限制',
    text: ({ packets, connections }) =>
      `读到 ${count(connections)} 个连接的 ${count(packets)} 个包之后，内存几乎用完：其余的输入没有读。`,
  },
  'findings-limit': {
    cause: '内存限制',
    text: ({ listed, unlisted }) =>
      `列出了 ${count(listed)} 项发现；其他连接上还有 ${count(unlisted)} 类发现没有列出。`,
  },
} satisfies Partial<FindingWords['findings']>;
