import type { StoryFrame, StoryWords } from '../../story.ts';
import { bytes, duration, percent } from '../grammar.ts';
import { ACCOUNT } from './account.ts';
import { ADVICE } from './advice.ts';
import { FIELDS } from './fields.ts';
import { STEPS } from './steps.ts';
import { use, who } from './words.ts';

export const STORY: StoryWords = { ...ACCOUNT, ...ADVICE, ...STEPS, ...FIELDS };

const carries = (n: number) => (n > 0 ? `，${bytes(n)}` : '');

export const STORY_FRAME: StoryFrame = {
  heading: {
    connect: '建立连接',
    data: '请求和应答',
    time: '时间花在哪里',
    wrong: '出了什么问题',
    end: '如何结束',
    help: '怎样改善',
    sure: '把握有多大',
    fields: '字段',
    why: '为什么发送',
    answers: '它回应什么',
    follows: '之后发生什么',
    verdict: '判定',
  },
  field: {
    time: '时间',
    from: '来自',
    to: '发往',
    ttl: 'TTL',
    'ip-id': 'IP 标识',
    fragment: '分片',
    ecn: 'ECN',
    seq: '序号',
    ack: '确认号',
    header: '首部长度',
    flag: '标志',
    window: '窗口',
    checksum: '校验和',
    urgent: '紧急指针',
    option: '选项',
    payload: '载荷',
  },
  use,
  certainty: {
    shown: '抓包中可以直接看到。',
    likely: '这是抓包所见现象的通常原因。',
    possible: '这是几种可能的原因之一。',
  },
  packetTitle: ({ frame, stream, role, flags, bytes: n }) =>
    `连接 ${stream} 的包 ${frame}，由${who(role)}发出：${flags}${carries(n)}`,
  stepTitle: ({ frame, at, role, flags, bytes: n }) =>
    `#${frame}  ${duration(at)}  ${who(role)}  ${flags}${carries(n)}`,
  finding: ({ frame, clock, text, id }) =>
    `${frame > 0 ? `包 ${frame}${clock === '' ? '' : `（${clock}）`}：` : ''}${text} [${id}]`,
  betweenSentences: '',
  duration,
  percent,
};
