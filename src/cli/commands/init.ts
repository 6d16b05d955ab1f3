import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type CaptureOptions, captureNames, withCaptures, withExamples } from '../options.ts';

interface InitOptions extends CaptureOptions {
  output?: string;
  force?: boolean;
}

export function registerInit(program: Command, context: Context): void {
  const command = withCaptures(program.command('init'))
    .description('Writes a starter rules file for tcpscope check: what is true of a capture, with comments.')
    .option('-o, --output <file>', 'where to, - is standard output (default: tcpscope.yaml)')
    .option('--force', 'replace the file if there is one');
  withExamples(command, [
    ['tcpscope init good.pcap', 'write tcpscope.yaml'],
    ['tcpscope init good.pcap -o - | less', 'look at it first'],
  ]);
  command.action(async (captures: string[], options: InitOptions) => {
    const { writeStarter } = await import('../starter.ts');
    await writeStarter(
      captureNames(captures, options),
      options,
      options.output ?? 'tcpscope.yaml',
      options.force === true,
      context,
    );
  });
}
