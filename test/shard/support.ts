import type { AnalyzeOptions } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { CaptureFacts } from '../../src/model/capture-facts.ts';
import { Merged } from '../../src/shard/merge.ts';
import { knowledgeOf, partOf } from '../../src/shard/part.ts';
import { ownShare, packedPart, packedShare, storedShare } from '../../src/shard/share.ts';

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

/**
 * The same by so many analyses, one after the other, each of its own connections. They are put together as threads do it (the first
 * has its own, the others hand over memory), and as files do it.
 */
export function analyseInShards(files: readonly Uint8Array[], count: number, options: AnalyzeOptions = {}): Merged[] {
  const isFiltered = options.filter !== undefined;
  const analysed = () =>
    Array.from({ length: count }, (_, index) => {
      const shard = { index, count };
      const { analyzer, facts } = analyseFiles(files, { ...options, shard });
      return { analyzer, facts, shard, knowledge: knowledgeOf(analyzer, facts, shard, { isFiltered }) };
    });
  const threads = analysed().map(({ analyzer, knowledge }, index) => {
    if (index === 0) return ownShare(analyzer, knowledge);
    const { part, memory } = packedPart(analyzer, knowledge, () => true);
    return packedShare(structuredClone(part, { transfer: memory }));
  });
  const machines = analysed().map(({ analyzer, facts, shard }) =>
    storedShare(partOf(analyzer, facts, shard, { isFiltered })),
  );
  // In whatever order they come.
  return [new Merged(threads.reverse()), new Merged(machines.reverse())];
}
