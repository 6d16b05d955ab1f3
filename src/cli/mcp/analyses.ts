import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AnalyzeOptions } from '../../analysis.ts';
import { Analyzer } from '../../analyze.ts';
import { CaptureSession } from '../../capture/session.ts';
import type { CaptureSource } from '../../capture/source.ts';
import { compileFilter } from '../../filter/compile.ts';
import { formatNumberOf } from '../../model/units.ts';
import { readAsOne } from '../../two-views.ts';
import { damageLines } from '../damages.ts';
import { captureSources } from '../input.ts';
import { heapWatch } from '../memory.ts';
import type { Analysis } from '../run.ts';
import type { AllowedFile } from './places.ts';

/** Analyses that are kept, the latest ones: most questions are about the capture of the question before. */
const KEPT = 2;

/** What a question wants of an analysis; the same as the command that answers it on the command line. */
export type Depth = 'screen' | 'story';
const DEPTHS: Readonly<Record<Depth, AnalyzeOptions>> = {
  screen: { congestion: false, timeBudget: true },
  story: {},
};

/** Thrown when the client takes its question back. */
export class Cancelled extends Error {}

/** Reads captures, and keeps what was found for the next question about the same one. */
export class Analyses {
  private readonly kept = new Map<string, Analysis>();

  /** All connections of a capture; with `filter`, a pcap-filter(7) expression, those with a packet that it accepts are selected. */
  async of(file: AllowedFile, depth: Depth, filter: string | undefined, signal: AbortSignal): Promise<Analysis> {
    const key = JSON.stringify([file.path, file.shown, file.version, depth, filter ?? null]);
    const known = this.kept.get(key);
    this.kept.delete(key);
    const analysis = known ?? (await this.read(file, { ...DEPTHS[depth], ...filterOf(filter) }, signal));
    this.kept.set(key, analysis);
    for (const oldest of [...this.kept.keys()].slice(0, -KEPT)) this.kept.delete(oldest);
    return analysis;
  }

  /** Reads a capture from its beginning; `configure` gets the session, whose `stop` ends the reading early. */
  async read(
    { path, shown }: Pick<AllowedFile, 'path' | 'shown'>,
    configure: AnalyzeOptions | ((session: CaptureSession) => AnalyzeOptions),
    signal: AbortSignal,
  ): Promise<Analysis> {
    const session = new CaptureSession();
    const isFull = heapWatch();
    const analyzer = new Analyzer({
      ...(typeof configure === 'function' ? configure(session) : configure),
      isMemoryShort: () => {
        if (!isFull()) return false;
        session.stop();
        return true;
      },
    });
    await readAsOne([sourceOf({ path, shown }, signal, session)], analyzer, session);
    if (signal.aborted) throw new Cancelled();
    analyzer.end(session.facts);
    return { analyzer, facts: session.facts };
  }
}

/** A capture that is read no further once the client takes its question back, and by the name that the client has for it. */
export function sourceOf(
  { path, shown }: Pick<AllowedFile, 'path' | 'shown'>,
  signal: AbortSignal,
  session?: CaptureSession,
): CaptureSource {
  const [source] = captureSources([path], {
    // Leaves room for what the client says meanwhile.
    mayRead: async () => {
      await nextTurn();
      if (signal.aborted) throw new Cancelled();
      return session?.stopped !== true;
    },
    taken: () => {},
    onStop: () => {},
  });
  return { ...source, name: shown };
}

export function filterOf(filter: string | undefined): Pick<AnalyzeOptions, 'filter'> {
  return filter === undefined ? {} : { filter: compileFilter(filter) };
}

/** What the command line says on standard error: damage, and whether all could be read. */
export function warningsOf({ analyzer, facts }: Analysis): string[] {
  const lines = damageLines(facts.damages, analyzer.counts.total).map(({ kind, text }) =>
    kind === 'warn' ? `warning: ${text}` : kind === 'error' ? `error: ${text}` : text,
  );
  if (!analyzer.isCutShort) return lines;
  const read = formatNumberOf(analyzer.counts.total, 'packet');
  return [...lines, `warning: the memory is nearly full after ${read}: the rest was not read`];
}
