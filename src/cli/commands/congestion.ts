import type { Command } from 'commander';
import { senderReport } from '../../congestion/report.ts';
import { congestionOf } from '../../congestion/stage.ts';
import type { CongestionState } from '../../model/congestion.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { PacketRow } from '../../model/row.ts';
import { senderLines } from '../../render/congestion-text.ts';
import { jsonOf } from '../../render/json.ts';
import { QlogTrace, qlogFile } from '../../render/qlog.ts';
import { SCHEMA_VERSION } from '../../report/report.ts';
import { chosenConnections, isChosen, isStream } from '../choice.ts';
import type { Context } from '../context.ts';
import { analyzeDivided } from '../divided.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { withJobs } from '../jobs-option.ts';
import {
  type CaptureOptions,
  type ModelOptions,
  modelOption,
  modelsOf,
  type SelectOptions,
  withCaptures,
  withExamples,
  withNote,
  withSelect,
} from '../options.ts';

const FORMATS = ['text', 'json', 'qlog'] as const;

interface CongestionCommandOptions extends CaptureOptions, ModelOptions, SelectOptions {
  jobs?: number;
}

export function registerCongestion(program: Command, context: Context): void {
  const command = withSelect(withCaptures(program.command('congestion')))
    .description(
      'Replays every sender through the reference algorithms of congestion control and prints which one it uses, what\n' +
        'limited it and when, and how it recovered from losses.',
    )
    .addOption(modelOption());
  withJobs(command);
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope congestion trace.pcap --stream 3', 'both senders of one connection'],
    ['tcpscope congestion trace.pcap --json', 'for programs'],
    ['tcpscope congestion trace.pcap --format qlog > trace.qlog', 'for qvis'],
    ['tcpscope congestion trace.pcap --cc cubic', 'as if all senders used CUBIC'],
  ]);
  withNote(
    command,
    'A sender of fewer than six segments of data is left out: nothing has happened to its window by then.',
  );
  command.action((captures: string[], options: CongestionCommandOptions) =>
    congestion(captures, options, command, context),
  );
}

async function congestion(
  captures: readonly string[],
  options: CongestionCommandOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  const traces = new Traces();
  const onRow = (row: PacketRow) => isStream(row.connection.id, options) && traces.add(row);
  const { analyzer, facts } = await analyzeDivided(context, captures, options, {
    congestion: modelsOf(options),
    ...(format === 'qlog' ? { onRow, alone: '--format qlog' } : {}),
  });
  const senders = chosenConnections(analyzer.connections, options, context, analyzer.opened)
    .flatMap(({ client, server }) => [client, server])
    .map(congestionOf)
    .filter((state) => state !== null);
  if (format === 'qlog') {
    context.output.line(jsonOf(qlogFile(traces.of(options), facts.firstTimestamp ?? 0n)));
  } else await PRINTERS[format](senders, context);
}

/** A qlog trace for each sender, in the order of the first packets. */
class Traces {
  private readonly byEndpoint = new Map<Endpoint, QlogTrace>();

  add(row: Parameters<QlogTrace['add']>[0]): void {
    for (const endpoint of [row.connection.a, row.connection.b]) this.traceOf(endpoint).add(row);
  }

  private traceOf(endpoint: Endpoint): QlogTrace {
    let trace = this.byEndpoint.get(endpoint);
    if (trace === undefined) {
      trace = new QlogTrace(endpoint);
      this.byEndpoint.set(endpoint, trace);
    }
    return trace;
  }

  of(choice: CaptureOptions): QlogTrace[] {
    return [...this.byEndpoint].filter(([endpoint]) => isChosen(endpoint.connection, choice)).map(([, trace]) => trace);
  }
}

const PRINTERS = { text, json };

async function text(senders: readonly CongestionState[], context: Context): Promise<void> {
  const { output, stdout } = context;
  if (senders.length === 0) context.note('no connection carries enough data in one direction to tell');
  let separator = '';
  for (const state of senders) {
    output.write(separator);
    for (const line of await senderLines(state, stdout.width, stdout.style)) output.line(line);
    separator = '\n';
    await output.yieldWhenFull();
  }
}

async function json(senders: readonly CongestionState[], { output }: Context): Promise<void> {
  output.write(`{"schemaVersion":${SCHEMA_VERSION},"senders":[`);
  let separator = '\n';
  for (const state of senders) {
    output.write(separator + jsonOf(senderReport(state)));
    separator = ',\n';
    await output.yieldWhenFull();
  }
  output.write(']}\n');
}
