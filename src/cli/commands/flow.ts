import type { Command } from 'commander';
import { FlowBuilder } from '../../picture/flow.ts';
import { flowMermaid } from '../../render/picture/flow-mermaid.ts';
import { flowSvg } from '../../render/picture/flow-svg.ts';
import { flowText } from '../../render/picture/flow-text.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { readOne } from '../one-connection.ts';
import { type CaptureOptions, captureNames, withCaptures, withExamples, withNote, withTimeWindow } from '../options.ts';

const FORMATS = ['text', 'mermaid', 'svg'] as const;

interface FlowOptions extends CaptureOptions {
  all?: boolean;
}

export function registerFlow(program: Command, context: Context): void {
  const command = withCaptures(program.command('flow'), 'one stream')
    .description('Draws one connection as a sequence diagram, with the state of both ends beside every packet.')
    .option('--all', 'draw every packet; without it, runs of plain packets are folded into one line');
  withTimeWindow(command, 'packets of the connection');
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope flow trace.pcap', 'the only connection'],
    ['tcpscope flow trace.pcap --stream 3', 'one of several'],
    ['tcpscope flow trace.pcap --since 17:42:16 --until +2s', 'what happened then'],
    ['tcpscope flow trace.pcap --format mermaid', 'for a README or a wiki'],
    ['tcpscope flow trace.pcap --format svg > flow.svg', 'for a document'],
  ]);
  withNote(
    command,
    'A lost packet ends on the way. A packet that crosses another one, or that others overtook, is drawn with dots where it ' +
      'is still in the network, as in the figures of RFC 9293. States are those after the packet. Time runs down the page and ' +
      'is not to scale.',
  );
  command.action((captures: string[], options: FlowOptions) => flow(captures, options, command, context));
}

async function flow(
  captures: readonly string[],
  options: FlowOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  const builder = new FlowBuilder({ isWhole: options.all ?? false });
  await readOne(captureNames(captures, options), options, context, (row, isShown) => {
    if (isShown) builder.take(row);
  });
  const built = builder.build();
  if (built === null) return;
  const { output, stdout } = context;
  if (format === 'svg') output.write(flowSvg(built));
  else if (format === 'mermaid') for (const line of flowMermaid(built)) output.line(line);
  else for (const line of flowText(built, stdout.width, stdout.style)) output.line(line);
}
