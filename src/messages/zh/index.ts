import { STORY, STORY_FRAME } from './story/index.ts';
import { explainVerdict } from './verdicts.ts';

/** The Chinese words. */
export const CHINESE = {
  story: STORY,
  storyFrame: STORY_FRAME,
  verdict: explainVerdict,
};
