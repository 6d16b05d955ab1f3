import { expect } from 'vitest';
import { type Capture, type MatcherResult, matchers } from './matchers.ts';

export { matchers } from './matchers.ts';

/** A matcher as a test calls it: without the capture, which `expect` holds. */
type Called<M> = M extends (this: never, capture: Capture, ...args: infer Args) => Promise<MatcherResult>
  ? (...args: Args) => Promise<void>
  : never;

/** The matchers as tests call them. */
export type TcpMatchers = { [name in keyof typeof matchers]: Called<(typeof matchers)[name]> };

declare module 'vitest' {
  interface Matchers extends TcpMatchers {}
}

expect.extend(matchers);
