import type { Command } from 'commander';
import { stateFigure } from '../../picture/state-figure.ts';
import { stateFigureSvg } from '../../render/picture/state-figure-svg.ts';
import { stateFigureText } from '../../render/picture/state-figure-text.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { readOne } from '../one-connection.ts';
import { type CaptureOptions, captureNames, withCaptures, withExamples, withNote } from '../options.ts';

const FORMATS = ['text', 'svg'] as const;

export function registerDiagram(program: Command, context: Context): void {
  const command = withCaptures(program.command('diagram'), 'one stream').description(
    'Draws the state diagram of RFC 9293 (section 3.3.2, Figure 5), with the path that both ends of a connection took.',
  );
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope diagram', 'the diagram alone'],
    ['tcpscope diagram trace.pcap --stream 3', 'with the path of one connection'],
    ['tcpscope diagram trace.pcap --format svg > states.svg', 'for a document'],
  ]);
  withNote(
    command,
    'States and arrows that were taken are drawn bold. C is the client, S the server: the time since the first packet of the ' +
      'connection when it came into the state, and the packet that brought it.',
  );
  command.action((captures: string[], options: CaptureOptions) => diagram(captures, options, command, context));
}

async function diagram(
  captures: readonly string[],
  options: CaptureOptions,
  command: Command,
  context: Context,
): Promise<void> {
  const format = chosenFormat(command, FORMATS);
  const names = captureNames(captures, options);
  const one = names.length === 0 ? null : await readOne(names, options, context, () => {});
  if (names.length > 0 && one === null) return;
  const figure = stateFigure(one?.connection ?? null);
  const { output, stdout } = context;
  if (format === 'svg') output.write(stateFigureSvg(figure));
  else for (const line of stateFigureText(figure, stdout.width, stdout.style)) output.line(line);
}
