import type { FindingWords } from '../../message.ts';
import { count, duration, nameOf } from '../grammar.ts';

export const CONGESTION = {
  'ecn-marks': {
    cause: '路由器标记包而不是丢弃',
    text: ({ receiver, sender, acks, reductions }) =>
      `${nameOf(receiver)}在 ${count(acks)} 个报文段中回报了拥塞标记（ECE）；${nameOf(sender)}应答 ${count(reductions)} 次，说明已减小窗口（CWR）。`,
  },
  'standing-queue': {
    cause: '路径上的缓冲区一直是满的',
    text: ({ sender, shortest, loaded }) =>
      `${nameOf(sender)}发送时，往返时间从 ${duration(shortest)}升到 ${duration(loaded)}：路径上有一个队列一直是满的。`,
  },
  'initial-window-exceeded': {
    cause: '初始窗口大于十个报文段',
    text: ({ sender, segments, allowed }) =>
      `${nameOf(sender)}在得到任何确认之前发送了 ${count(segments)} 个报文段；只允许 ${allowed} 个。`,
  },
  'window-growth-too-fast': {
    cause: '窗口的增长超过了被确认的量',
    text: ({ sender, segments }) =>
      `${nameOf(sender)}有 ${count(segments)} 个报文段在路上：多于初始窗口加上此前被确认的全部。`,
  },
  'burst-after-timeout': {
    cause: '超时之后没有慢启动',
    text: ({ sender, segments }) =>
      `${nameOf(sender)}在超时之后、得到确认之前连续发送了 ${count(segments)} 个报文段；只允许 1 个。`,
  },
  'loss-without-reduction': {
    cause: '没有减小窗口',
    text: ({ sender, losses, before, after }) =>
      `${nameOf(sender)}连续 ${count(losses)} 次丢包之后，在路上的数据都和之前一样多：最后一次之前 ${count(before)} 个报文段，之后 ${count(after)} 个。`,
  },
} satisfies Partial<FindingWords['findings']>;
