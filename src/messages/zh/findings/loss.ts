import { formatRate } from '../../../model/units.ts';
import type { Episode, Origin, Outcome, Probes } from '../../en/findings/loss.ts';
import type { FindingWords } from '../../message.ts';
import { bytes, content, count, duration, durations, list, nameOf, size, waited } from '../grammar.ts';

const traced = ({ sender, segments, from, to }: Probes) =>
  `${nameOf(sender)}的 SYN 发送了 ${count(segments)} 次，TTL 从 ${from} 升到 ${to}：它像 traceroute 那样在跟踪路径`;

const what = (n: number) => (n === 0 ? 'FIN' : bytes(n));

const OPEN = {
  none: '；抓包的其余部分没有对它的确认',
  part: '；抓包的其余部分只确认了其中一部分',
  all: '；它已得到确认',
} as const;

const repair = ({ repaired, repairAway, isUpperBound }: Outcome) => {
  const bound = isUpperBound ? '至多 ' : repairAway > 0 ? '约 ' : '';
  const away = repairAway > 0 ? `（其中 ${duration(repairAway)} 为估计）` : '';
  return `；${bound}${duration(repaired)}后修复${away}`;
};

const outcome = (end: Outcome) => (end.repaired >= 0 ? repair(end) : end.isOpen ? OPEN[end.acknowledged] : '');

const answer = (e: Episode) =>
  e.repaired >= 0 && e.waits.length === e.segments
    ? `；第一次发送后 ${duration(e.waits[0] + e.repaired)}得到应答`
    : outcome(e);

const waiting = (waits: readonly number[]) => (waits.length === 0 ? '' : `，${waited(waits)}`);

const spare = (needless: number) => (needless === 0 ? '' : `其中 ${count(needless)} 次重传并不需要。`);

const isExplained = ({ segments, told, timeouts, afterTimeout, probes }: Episode) =>
  told + timeouts + afterTimeout + probes >= segments;

const shownBy = ({ dsackFrame, dsacks, segments }: Episode) =>
  dsacks === 0
    ? ''
    : dsacks === 1
      ? `，包 ${dsackFrame} 中的 D-SACK ${segments > 1 ? '和它的 ACK ' : ''}说明了这一点`
      : `，从包 ${dsackFrame} 起的 ${count(dsacks)} 个 D-SACK 说明了这一点`;

const probe = ({ isSureProbe }: Episode) => (isSureProbe ? '尾部丢包探测' : '尾部丢包探测或超时');

const probed = (e: Episode) => {
  const after = e.probeWaits.length === 0 ? '' : `（${durations(e.probeWaits)}后）`;
  return e.probes === 0 ? '' : `另有 ${count(e.probes)} 个报文段由${probe(e)}${after}再次发送。`;
};

function triggers(e: Episode): string {
  const { fast, told, timeouts, afterTimeout, probes, waits } = e;
  const names: string[] = [];
  if (fast > 0 || (probes > 0 && told > 0)) names.push('快速重传');
  if (timeouts > 0) names.push(waits.length === 0 ? '超时' : `${durations(waits)}后的超时`);
  if (afterTimeout > 0) names.push('超时后的恢复');
  if (probes > 0) names.push(probe(e));
  return names.length === 0 ? '发送方' : list(names);
}

function origin({ ttl, usualTtl, ipId }: Origin): string {
  const foreign = usualTtl >= 0 && usualTtl !== ttl ? `（它的第一个包是 ${usualTtl}）` : '';
  return `TTL ${ttl}${foreign}${ipId >= 0 ? `，IP 标识 ${ipId}` : ''}`;
}

function timeout(e: Episode): string {
  const further = e.afterTimeout > 0 ? `此后又再次发送了 ${count(e.afterTimeout)} 个报文段。` : '';
  const told = e.told > 0 ? `有 ${count(e.told)} 个报文段不经超时就再次发送。` : '';
  const silence = e.silence > 0 ? `，发生在 ${duration(e.silence)}的沉默之中` : '';
  const waits = e.waits.length === 0 ? silence : waiting(e.waits);
  return `${nameOf(e.sender)}的重传定时器${e.mayMiss ? '至少' : ''}到期 ${count(Math.max(e.timeouts, 1))} 次${waits}${outcome(e)}。${further}${probed(e)}${told}${where(e)}${spare(e.needless)}${tooLarge(e)}`;
}

const tooLarge = ({ arrivedBelow }: Episode) =>
  arrivedBelow < 0
    ? ''
    : arrivedBelow === 0
      ? '它在这个连接上没有任何数据到达，只有不带数据的包到达：路径可能丢弃大的包（MTU）。'
      : `它在这个连接上没有超过 ${bytes(arrivedBelow)}的报文段到达：路径可能丢弃更大的包（MTU）。`;

const place = (start: number, end: number) =>
  end - start === 1 ? `第 ${count(start)} 字节` : `第 ${count(start)} 到 ${count(end - 1)} 字节`;

const where = ({ places }: Episode) =>
  places.map(({ from, to, packets }) => `它有 ${count(packets)} 个包在 ${from} 与 ${to} 之间丢失。`).join('');

export const LOSS = {
  'packet-loss': {
    cause: '在路上丢失',
    text: (e) =>
      `${nameOf(e.sender)}有 ${count(e.segments - e.needless)} 个报文段${e.needless === 0 && !e.isRepacked ? `（${what(e.bytes)}）` : ''}丢失，由${triggers(e)}再次发送${outcome(e)}。${where(e)}${spare(e.needless)}`,
  },
  'retransmission-timeout': {
    cause: (e) =>
      e.isMute || e.needless > 0
        ? '数据或对它的确认丢失，在定时器到期之前没有任何消息告诉发送方'
        : '在定时器到期之前，没有任何消息告诉发送方丢了包',
    text: timeout,
  },
  'retransmission-timeout.passed': {
    cause: '在抓包点之后丢失，或者接收主机没有收下',
    text: (e) =>
      `${timeout(e)}第一次发送的报文段经过了抓包点，就在${nameOf(e.receiver)}旁边：它们在此之后丢失，或者该主机没有收下，例如因为接受队列已满。`,
  },
  'tail-loss': {
    cause: '一批数据的最后几个报文段丢失',
    text: (e) =>
      `${nameOf(e.sender)}一批数据的末尾（${what(e.bytes)}）丢失；${e.probeWaits.length === 0 ? '' : `${durations(e.probeWaits)}后`}由探测${e.isSureProbe ? '' : '或超时'}再次发送${outcome(e)}。${where(e)}`,
  },
  'spurious-retransmission': {
    cause: (e) =>
      e.timeouts > 0
        ? '超时太早，或确认丢失'
        : e.fast > 0
          ? '把乱序当成了丢包'
          : e.probes > 0
            ? '确认还在路上时就发出了探测'
            : '从抓包中看不出原因',
    text: (e) =>
      `${nameOf(e.sender)}有 ${count(e.segments)} 次重传（${what(e.bytes)}${isExplained(e) ? `，由${triggers(e)}引起` : ''}）并不需要：接收方已经有了这些数据${shownBy(e)}。`,
  },
  'path-mtu-retransmission': {
    cause: '对这条路径来说太大',
    text: (e) => `${nameOf(e.sender)}把 ${bytes(e.bytes)}分成 ${count(e.segments)} 个适合路径的报文段再次发送。`,
  },
  retransmission: {
    cause: '从抓包中看不出原因',
    text: (e) =>
      `${nameOf(e.sender)}再次发送了 ${count(e.segments)} 个报文段（${what(e.bytes)}），从抓包中看不出原因。`,
  },
  'peer-unresponsive': {
    cause: '重复发送的数据没有应答',
    text: (e) =>
      `${nameOf(e.sender)}再次发送了 ${count(e.segments)} 个报文段${waiting([...e.probeWaits, ...e.waits])}；${nameOf(e.receiver)}没有应答。${tooLarge(e)}`,
  },
  'peer-unresponsive.closing': {
    cause: '对连接的结束没有应答',
    text: (e) =>
      `${nameOf(e.sender)}又发送了 ${count(e.segments)} 次数据流的末尾${waiting([...e.probeWaits, ...e.waits])}；${nameOf(e.receiver)}早已关闭，没有应答。`,
  },
  'syn-retransmission': {
    cause: 'SYN 或对它的应答丢失或迟到',
    text: (e) =>
      `${nameOf(e.sender)}的 SYN 发送了 ${count(e.segments + 1)} 次${waiting(e.waits)}${e.isOpen && e.isAnswered ? `；${nameOf(e.receiver)}已应答，但没有迹象表明应答到达` : answer(e)}。${spare(e.needless)}`,
  },
  'syn-retransmission.refused': {
    cause: '那一端还留有先前的连接',
    text: (e) =>
      `${nameOf(e.sender)}的 SYN 发送了 ${count(e.segments + 1)} 次${waiting(e.waits)}，因为${nameOf(e.receiver)}用先前连接的 ACK 应答${answer(e)}。`,
  },
  'syn-ack-retransmission': {
    cause: 'SYN,ACK 或对它的确认丢失或迟到',
    text: (e) => `${nameOf(e.sender)}的 SYN,ACK 发送了 ${count(e.segments + 1)} 次${waiting(e.waits)}${answer(e)}。`,
  },
  'syn-ack-retransmission.answers': {
    cause: 'SYN 再次到达',
    text: (e) =>
      `${nameOf(e.sender)}的 SYN,ACK 发送了 ${count(e.segments + 1)} 次：再次发送的都是对又一个 SYN 的应答，并非定时器到期${outcome(e)}。`,
  },
  'syn-retransmission.traced': {
    cause: '路由跟踪（traceroute）',
    text: (probes) => `${traced(probes)}。`,
  },
  'syn-unanswered.traced': {
    cause: '路由跟踪（traceroute）',
    text: (probes) => `${traced(probes)}；对方没有应答。`,
  },
  'syn-unanswered.repeated': {
    cause: '完全没有应答',
    text: (e) => `${nameOf(e.sender)}的 SYN 发送了 ${count(e.segments + 1)} 次${waiting(e.waits)}，抓包中没有应答。`,
  },
  'half-open.repeated': {
    cause: 'SYN,ACK 始终没有得到确认',
    text: (e) =>
      `${nameOf(e.sender)}的 SYN,ACK 发送了 ${count(e.segments + 1)} 次${waiting(e.waits)}，握手始终没有完成。`,
  },
  'timeout-too-short': {
    cause: '定时器比往返时间短',
    text: ({ sender, needless, timeouts, shortest }) =>
      `${nameOf(sender)}的 ${count(timeouts)} 次超时中有 ${count(needless)} 次并不需要，最短的只等了 ${duration(shortest)}：确认还在路上。`,
  },
  'rate-policed': {
    cause: '超过某个速率的部分被丢弃',
    text: ({ sender, losses, bitsPerSecond }) =>
      `${nameOf(sender)}的 ${count(losses)} 次丢包都发生在 ${formatRate(bitsPerSecond)} 的速率，而且没有排队：有限速器丢弃超出的部分。`,
  },
  'rate-shaped': {
    cause: '有整形器限制速率',
    text: ({ sender, bitsPerSecond, burst }) =>
      `${nameOf(sender)}的数据被整形到约 ${formatRate(bitsPerSecond)}：开始时约 ${size(burst)} 以更快的速度通过，之后速率保持不变，并且有排队。`,
  },
  'gap-not-filled': {
    cause: '丢失，并且没有修复',
    text: (g) => {
      const repeats = g.repeats === 0 ? '在这里没有看到再次发送' : `再次发送了 ${count(g.repeats)} 次，没有效果`;
      const sizes =
        g.largest === null
          ? ''
          : `没有大于 ${bytes(g.largest)}的报文段到达，而 MSS 允许 ${bytes(g.mss)}：路径可能丢弃大的包。`;
      return `${nameOf(g.receiver)}缺少 ${nameOf(g.sender)}从偏移 ${count(g.start)} 起的 ${bytes(g.bytes)}，它从包 ${g.frame} 起报告了这一点；此后 ${duration(g.waited)}内没有迹象表明它们到达。${repeats}。${sizes}`;
    },
  },
  'path-mtu-black-hole': {
    cause: '路上有一段链路丢弃大的包，而没有 ICMP 报告',
    text: ({ sender, size, largest, repeats }) =>
      `${nameOf(sender)}的 ${bytes(size)}的报文段从未到达（再次发送了 ${count(repeats)} 次），不超过 ${bytes(largest)}的报文段可以到达：路径丢弃大的包。`,
  },
  reordering: {
    cause: '在路上被超过',
    text: ({ sender, segments, deepest, latest }) =>
      `${nameOf(sender)}有 ${count(segments)} 个报文段乱序到达：${deepest === 0 ? '在它们自己的重传之后' : `最多被 ${count(deepest)} 个后发的报文段超过`}，最多迟到 ${duration(latest)}。`,
  },
  'network-duplicate': {
    cause: '同一个包从网络到达了两次',
    text: ({ copies, frame, original }) =>
      `网络把 ${count(copies)} 个包送达了两次，第一个是包 ${frame}，它是包 ${original} 的副本。`,
  },
  'payload-conflict.shown': {
    cause: '被注入或改写',
    text: ({ sender, start, earlier, later, mine, other, isOneSender, isOnePacket }) =>
      `${nameOf(sender)}的${place(start, start + later.length)}，在包 ${mine.frame}（${origin(mine)}）中是 ${content(later)}，在包 ${other.frame}（${origin(other)}）中是 ${content(earlier)}：${isOneSender ? 'TTL 和 IP ID 说明是同一个发送方，它在同一位置发送了两种内容' : isOnePacket ? '相同的 TTL 和 IP ID 说明是同一个包，在途中或在文件里被改写' : '两者之一是伪造或改写的'}。`,
  },
  'payload-conflict.sums': {
    cause: '被注入或改写',
    text: ({ sender, start, end, mine, original }) =>
      `${nameOf(sender)}的${place(start, end)}，在包 ${mine.frame}（${origin(mine)}）中和包 ${original} 同一位置的内容不同：两者之一是伪造或改写的（follow 可以显示两者）。`,
  },
} satisfies Partial<FindingWords['findings']>;
