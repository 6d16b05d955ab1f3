import type { FindingWords, Language } from '../message.ts';
import { CAPTURE } from './findings/capture.ts';
import { CLOSE } from './findings/close.ts';
import { CONGESTION } from './findings/congestion.ts';
import { HANDSHAKE } from './findings/handshake.ts';
import { LOSS } from './findings/loss.ts';
import { PROTOCOL } from './findings/protocol.ts';
import { WINDOW } from './findings/window.ts';
import { count } from './grammar.ts';
import { STORY, STORY_FRAME } from './story/index.ts';
import { explainVerdict } from './verdicts.ts';

const FINDINGS: FindingWords = {
  findings: { ...CAPTURE, ...LOSS, ...WINDOW, ...CONGESTION, ...HANDSHAKE, ...CLOSE, ...PROTOCOL },
  more: (text, further, isOfCapture) =>
    `${text}${isOfCapture ? '这个抓包中' : '这个连接上'}还有 ${count(further)} 项同类的发现。`,
};

/** The Chinese words. */
export const CHINESE: Language = {
  findings: FINDINGS,
  story: STORY,
  storyFrame: STORY_FRAME,
  verdict: explainVerdict,
};
