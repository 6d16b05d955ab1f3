import {
  Cause,
  type CauseName,
  Excuse,
  Fate,
  type FateName,
  Kind,
  type KindName,
  type Verdict,
} from '../../model/verdict.ts';
import type { Judged } from '../en/verdicts.ts';
import { bytes, count, duration } from './grammar.ts';

export const KINDS: Readonly<Record<KindName, string>> = {
  new: '新数据',
  ack: '确认',
  retransmission: '重传',
  reordered: '乱序',
  duplicate: '重复的包',
  'keep-alive': '保活',
  'window-probe': '窗口探测',
};

export const CAUSES: Readonly<Record<CauseName, string>> = {
  syn: 'SYN 定时器',
  'syn-ack': 'SYN,ACK 定时器',
  fast: '快速重传',
  rto: '重传超时',
  'rto-recovery': '超时后的恢复',
  tlp: '尾部丢包探测',
  pmtu: '路径 MTU',
  unknown: '原因不明',
};

export const FATES: Readonly<Record<FateName, string>> = {
  unknown: '不知道是否到达',
  delivered: '已到达',
  lost: '已丢失',
};

/** The verdict on a packet in one plain sentence; empty for new data and ACKs of which there is nothing to tell. */
export function explainVerdict(verdict: Verdict, segment: Judged): string {
  switch (verdict.kind) {
    case Kind.RETRANSMISSION:
      return retransmission(verdict, segment);
    case Kind.REORDERED:
      return reordered(verdict);
    case Kind.DUPLICATE:
      return `和包 ${verdict.original} 是同一个包，${verdict.byCapture ? '被抓了两次' : '被网络送达了两次'}。`;
    case Kind.KEEP_ALIVE:
      return '保活：它重复一个已经确认过的字节，以了解对方是否还在。';
    case Kind.WINDOW_PROBE:
      return '对已关闭的窗口的探测，以了解窗口是否已经打开。';
    default:
      if (verdict.fate !== Fate.LOST) return '';
      return verdict.confidence < 0.9 ? '就所能判断，这一份没有到达。' : '这一份没有到达。';
  }
}

function retransmission(verdict: Verdict, { seq, end, payloadLength }: Judged): string {
  const what = payloadLength > 0 ? ` ${bytes(end - seq)}` : '';
  const sentences = [`再次发送${what}${firstCopy(verdict)}：${why(verdict)}。`];
  if (verdict.differs) sentences.push('内容和首次发送的不同。');
  if (verdict.spurious) sentences.push('这次重传并不需要：接收方已经有了这些数据，或很快就会收到。');
  if (verdict.fate === Fate.LOST) sentences.push('这一份也丢失了。');
  return sentences.join('');
}

function firstCopy({ original, wasAcknowledged, wasLacked }: Verdict): string {
  if (original > 0) return `，首次发送是包 ${original}`;
  if (wasAcknowledged) return '，此前已经被确认';
  return wasLacked ? '，首次发送没有抓到，也没有到达' : '，首次发送没有抓到';
}

function why(verdict: Verdict): string {
  if (verdict.excuse === Excuse.REFUSED_BEFORE) return '先前被拒绝，再试一次';
  if (verdict.excuse === Excuse.FIN_WITH_ACK) return 'FIN 随着对另一端 FIN 的确认一起再次发出';
  if (verdict.excuse === Excuse.SYN_DATA_REFUSED) return `包 ${verdict.evidence[0]} 的 SYN,ACK 没有接受 SYN 携带的数据`;
  const waited = verdict.waited < 0 ? '一段未知的时间' : ` ${duration(verdict.waited)}`;
  switch (verdict.cause) {
    case Cause.SYN:
      return `SYN 在${waited}内没有应答`;
    case Cause.SYN_ACK:
      return 'SYN,ACK 没有得到确认';
    case Cause.FAST:
      return verdict.toldBy === 0
        ? '接收方报告，后面的数据已到而它没有到'
        : `接收方从包 ${verdict.toldBy} 起报告，后面的数据已到而它没有到`;
    case Cause.RTO:
      return verdict.backoff > 0
        ? `重传定时器在${waited}后再次到期（退避 ${verdict.backoff}）`
        : `沉默${waited}后重传定时器到期`;
    case Cause.RTO_RECOVERY:
      return '发送方在修复超时时尚未确认的数据';
    case Cause.TLP:
      return `沉默${waited}后的尾部丢包探测${verdict.mayBeTimeout ? '或超时重传' : ''}`;
    case Cause.PMTU:
      return '有 ICMP 消息说明，包对这条路径来说太大';
    default:
      return verdict.wasLacked ? '促使发送方重传的消息不在抓包中' : '从抓包中看不出原因';
  }
}

function reordered(verdict: Verdict): string {
  const late = verdict.lateness < 0 ? '迟到' : `迟到 ${duration(verdict.lateness)}`;
  if (verdict.byCapture) return `抓包把它放得太晚，排在包 ${verdict.original} 之后：途中没有包超过它。`;
  if (verdict.depth === 0 && verdict.original === 0) return '它在发送方后来发出的报文段之后才见到。';
  if (verdict.depth === 0) return `它先发出，却${late}，在它自己的重传（包 ${verdict.original}）之后才见到。`;
  return `有 ${count(verdict.depth)} 个后发的报文段超过了它，第一个是包 ${verdict.original}；它${late}。`;
}
