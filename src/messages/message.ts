import { ENGLISH } from './en/index.ts';
import type { StoryFrame, StoryWords } from './story.ts';

/** One end of a connection, as sentences name it. */
export interface End {
  readonly name: string;
  readonly role: 'client' | 'server';
}

/** What a language says of one key: what brought it about, in a few words, and the sentence. */
interface Sentence<V> {
  readonly cause: string | ((values: V) => string);
  readonly text: (values: V) => string;
}

type Sentences = typeof ENGLISH.findings;
export type MessageKey = keyof Sentences;
export type ValuesOf<K extends MessageKey> = Parameters<Sentences[K]['text']>[0];

/** What is said of findings. English decides which keys there are; the compiler holds the others to them. */
export interface FindingWords {
  readonly findings: { readonly [K in MessageKey]: Sentence<ValuesOf<K>> };
  /** The last finding of its sort that is listed, with `And 3 more like it` after it. */
  readonly more: (text: string, further: number, isOfCapture: boolean) => string;
}

/** What every language has. The pages about findings (`findings ID`) and the first screen are in English only. */
export interface Language {
  readonly verdict: typeof ENGLISH.verdict;
  readonly story: StoryWords;
  readonly storyFrame: StoryFrame;
  readonly findings: FindingWords;
}

/** English, which is there without loading another. */
export const IN_ENGLISH: Language = { ...ENGLISH, findings: ENGLISH };

/** What is to be said, without a word of any language. */
export interface Message {
  readonly key: MessageKey;
  readonly values: unknown;
}

/** A message to be put into words later: its key and its values. */
export function say<K extends MessageKey>(key: K, values: ValuesOf<K>): Message {
  return { key, values };
}

/** The few words for the cause of a finding. */
export function causeOf({ key, values }: Message, language: FindingWords = ENGLISH): string {
  const { cause } = language.findings[key] as Sentence<unknown>;
  return typeof cause === 'string' ? cause : cause(values);
}

/** The sentence of a finding. */
export function textOf({ key, values }: Message, language: FindingWords = ENGLISH): string {
  return (language.findings[key] as Sentence<unknown>).text(values);
}
