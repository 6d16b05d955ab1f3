import { type AnalyzeOptions, Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { CaptureFacts } from '../../src/model/capture-facts.ts';
import { Merged } from '../../src/shard/merge.ts';
import { partOf } from '../../src/shard/part.ts';

/** Files that follow one another, as one capture. */
export function analyseFiles(files: readonly Uint8Array[], options: AnalyzeOptions = {}) {
  const analyzer = new Analyzer({ roundTrips: true, ...options });
  const reader = new CaptureReader(analyzer);
  files.forEach((bytes, i) => {
    reader.open(`file ${i}`);
    reader.write(bytes);
    reader.end();
  });
  const { facts }: { facts: CaptureFacts } = reader.session;
  analyzer.end(facts);
  return { analyzer, facts };
}

/** The same by so many analyses, one after the other, each of its own connections. */
export function analyseInShards(files: readonly Uint8Array[], count: number, options: AnalyzeOptions = {}): Merged {
  const parts = Array.from({ length: count }, (_, index) => {
    const { analyzer, facts } = analyseFiles(files, { ...options, shard: { index, count } });
    return partOf(analyzer, facts, { index, count }, { isFiltered: options.filter !== undefined });
  });
  // In whatever order they come.
  return new Merged(parts.reverse());
}
