import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type CaptureOptions, captureNames, withCaptures, withExamples } from '../options.ts';

export function registerScript(program: Command, context: Context): void {
  const command = withCaptures(program.command('script'), 'one stream').description(
    "Prints a connection as an expected trace, in packetdrill's notation, for `script:` in rules.",
  );
  withExamples(command, [
    ['tcpscope script trace.pcap', 'the only connection'],
    ['tcpscope script trace.pcap --stream 3', 'one of several'],
  ]);
  command.action(async (captures: string[], options: CaptureOptions) => {
    const { printScript } = await import('../script.ts');
    await printScript(captureNames(captures, options), options, context);
  });
}
