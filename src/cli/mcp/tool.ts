import type { Analyses } from './analyses.ts';
import type { AllowedFile } from './places.ts';

/** What a tool is given: arguments that fit its schema, and what it may read. */
export interface Question<Args = Record<string, unknown>> {
  readonly args: Args;
  readonly analyses: Analyses;
  /** Lies inside the folders that the client gave. */
  readonly capture: AllowedFile;
  /** A further file that the client names; throws where it may not be read. */
  readonly files: (name: string) => AllowedFile;
  /** Where the page begins: what the tool counts (lines, connections, packets), 0 for the first page. */
  readonly from: number;
  readonly signal: AbortSignal;
}

/** One page of an answer. */
export interface Page {
  /** For reading, in the words of the command line. */
  readonly lines: readonly string[];
  /** The same for programs. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Where the next page begins; null when this is the last. */
  readonly next: number | null;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of each argument besides `capture` and `cursor`, which all tools have. */
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  /** JSON Schema of what `data` has. */
  readonly answers: Readonly<Record<string, object>>;
  answer(question: Question): Promise<Page>;
}

/** The argument of a tool that answers for whole connections. */
export const CONNECTION_FILTER = {
  type: 'string',
  maxLength: 4096,
  description: 'pcap-filter(7): only connections with such a packet',
} as const;
