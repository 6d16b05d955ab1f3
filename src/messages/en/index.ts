import { ANSWER } from './answer.ts';
import { CAPTURE } from './findings/capture.ts';
import { CLOSE } from './findings/close.ts';
import { CONGESTION } from './findings/congestion.ts';
import { HANDSHAKE } from './findings/handshake.ts';
import { LOSS } from './findings/loss.ts';
import { PROTOCOL } from './findings/protocol.ts';
import { WINDOW } from './findings/window.ts';
import { count } from './grammar.ts';
import { PAGES } from './pages/index.ts';
import { STORY, STORY_FRAME } from './story/index.ts';
import { explainVerdict } from './verdicts.ts';

/** The English words for all that the analysis has to say. */
export const ENGLISH = {
  findings: { ...CAPTURE, ...LOSS, ...WINDOW, ...CONGESTION, ...HANDSHAKE, ...CLOSE, ...PROTOCOL },
  pages: PAGES,
  families: {
    capture: 'The capture itself',
    loss: 'Loss and retransmission',
    window: 'Acknowledgments and windows',
    congestion: 'Congestion control',
    handshake: 'Handshake',
    close: 'Closing and resets',
    protocol: 'Protocol errors and forgeries',
  },
  answer: ANSWER,
  verdict: explainVerdict,
  story: STORY,
  storyFrame: STORY_FRAME,
  more: (text: string, further: number, isOfCapture: boolean) =>
    `${text} And ${count(further)} more like it ${isOfCapture ? 'in this capture' : 'on this connection'}.`,
};
