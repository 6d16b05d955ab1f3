import type { AnswerWords } from './answer.ts';
import { ENGLISH } from './en/index.ts';
import type { Page } from './page.ts';

/** One end of a connection, as sentences name it. */
export interface End {
  readonly name: string;
  readonly role: 'client' | 'server';
}

/** What a language says of one key: what brought it about, in a few words, and the sentence. */
export interface Sentence<V> {
  readonly cause: string | ((values: V) => string);
  readonly text: (values: V) => string;
}

type Sentences = typeof ENGLISH.findings;
export type MessageKey = keyof Sentences;
export type ValuesOf<K extends MessageKey> = Parameters<Sentences[K]['text']>[0];

/** Everything that has to be said in a language. English decides what that is; the compiler holds the others to it. */
export interface Language {
  readonly findings: { readonly [K in MessageKey]: Sentence<ValuesOf<K>> };
  readonly pages: { readonly [K in keyof typeof ENGLISH.pages]: Page };
  readonly families: { readonly [K in keyof typeof ENGLISH.families]: string };
  readonly answer: AnswerWords;
  readonly verdict: typeof ENGLISH.verdict;
  /** `And 3 more like it`: follows the last finding of its sort that is listed. */
  readonly more: (further: number) => string;
}

/** What is to be said, without a word of any language. */
export interface Message {
  readonly key: MessageKey;
  readonly values: unknown;
}

export function say<K extends MessageKey>(key: K, values: ValuesOf<K>): Message {
  return { key, values };
}

export function causeOf({ key, values }: Message, language: Language = ENGLISH): string {
  const { cause } = language.findings[key] as Sentence<unknown>;
  return typeof cause === 'string' ? cause : cause(values);
}

export function textOf({ key, values }: Message, language: Language = ENGLISH): string {
  return (language.findings[key] as Sentence<unknown>).text(values);
}
