import type { Owner, TimeCause } from '../../../model/budget.ts';
import type { Role } from '../../story.ts';
import { ROLES } from '../grammar.ts';

export const who = (role: Role) => ROLES[role];
export const other = (role: Role) => ROLES[role === 'client' ? 'server' : 'client'];
export const packet = (frame: number) => (frame > 0 ? `包 ${frame}` : '未被抓到的包');
/** `，包 7`, after the name of what it carries. */
export const at = (frame: number) => (frame > 0 ? `，包 ${frame}` : '');

const BY_CAUSE: Readonly<
  Record<Exclude<TimeCause, 'thinking' | 'sending' | 'receive-window' | 'delayed-ack'>, string>
> = {
  handshake: '握手',
  timeout: '等待重传定时器',
  'round-trip': '请求和应答在路上往返',
  'congestion-window': '拥塞窗口已满，等待确认',
  'path-rate': '瓶颈处的排队或链路发送',
  recovery: '修复丢包',
  idle: '空闲，双方都没有未完成的事',
  closing: '最后的数据之后，直到结束',
  unknown: '原因不明',
};

/** What a stretch of time was spent on, such as `服务器处理`. */
export function use(owner: Owner, cause: TimeCause): string {
  const end = owner === 'client' || owner === 'server' ? who(owner) : '';
  switch (cause) {
    case 'thinking':
      return owner === 'client' ? '客户端在请求之前的停顿' : `${end}处理请求`;
    case 'sending':
      return `${end}分段写出数据`;
    case 'receive-window':
      return `${end}的接收窗口已满或已关闭`;
    case 'delayed-ack':
      return `${end}扣住小报文段等待确认（Nagle 算法）`;
    default:
      return BY_CAUSE[cause];
  }
}
