import type { AnalyzeOptions } from '../../src/analysis.ts';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { PacketRow } from '../../src/model/row.ts';
import { BASIS_NAMES, STATE_NAMES, type StateName } from '../../src/model/state.ts';
import { CAUSE_NAMES, FATE_NAMES, KIND_NAMES } from '../../src/model/verdict.ts';
import { type ScenarioOptions, scenario } from './scenario.ts';

export interface Analysed {
  analyzer: Analyzer;
  rows: PacketRow[];
}

/** Runs a whole capture through the analysis and keeps its rows. */
export function analyse(capture: Uint8Array, options: AnalyzeOptions = {}): Analysed {
  const rows: PacketRow[] = [];
  const analyzer = new Analyzer({ onRow: (row) => rows.push(row), ...options });
  read(capture, analyzer);
  return { analyzer, rows };
}

/** The same without rows: plain segments go the short way (`src/verdict/plain.ts`). */
export function analyseWithoutRows(capture: Uint8Array): Analyzer {
  const analyzer = new Analyzer();
  read(capture, analyzer);
  return analyzer;
}

function read(capture: Uint8Array, analyzer: Analyzer): void {
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
}

export function analyseScenario(text: string, options: ScenarioOptions = {}): Analysed {
  return analyse(scenario(options, text).pcap);
}

/** `client server` states after a row, as `SYN-SENT LISTEN`. */
export function statesAfter(row: PacketRow): string {
  const { client, server } = row.connection;
  const name = (s: number): StateName => STATE_NAMES[s];
  const { frame } = row.view;
  return `${name(client.timeline.stateAt(frame))} ${name(server.timeline.stateAt(frame))}`;
}

export function basisAfter(row: PacketRow): string {
  const { client, server } = row.connection;
  const { frame } = row.view;
  return `${BASIS_NAMES[client.timeline.basisAt(frame)]} ${BASIS_NAMES[server.timeline.basisAt(frame)]}`;
}

/** `kind`, with cause and `spurious` where there are any. */
export function verdictText(row: PacketRow): string {
  const v = row.verdict!;
  const cause = CAUSE_NAMES[v.cause];
  return [KIND_NAMES[v.kind], cause, v.spurious ? 'spurious' : null].filter((x) => x !== null).join(' ');
}

export function fateText(row: PacketRow): string {
  return FATE_NAMES[row.verdict!.fate];
}
