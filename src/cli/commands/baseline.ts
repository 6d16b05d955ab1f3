import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type CaptureOptions, captureNames, collect, withCaptures, withExamples } from '../options.ts';

interface SaveOptions extends CaptureOptions {
  output?: string;
}

interface CompareOptions extends CaptureOptions {
  baseline: string;
  maxRegression?: string[];
  update?: boolean;
}

export function registerBaseline(program: Command, context: Context): void {
  const command = program
    .command('baseline')
    .description('Keeps the figures of a capture, to compare later ones with.');
  withExamples(command, [
    ['tcpscope baseline save good.pcap -o base.json', 'keep them'],
    ['tcpscope baseline compare base.json new.pcap', 'what changed'],
    ['tcpscope baseline compare base.json new.pcap --max-regression rtt.p95=20%', 'exit status 1 when worse'],
    ['tcpscope baseline compare base.json new.pcap --update', 'what changed, and keep the new figures'],
  ]);
  const save = withCaptures(command.command('save')).description('Writes the figures of captures as JSON.');
  save.option('-o, --output <file>', 'where to, - is standard output (default: -)');
  save.action(async (captures: string[], options: SaveOptions) => {
    const { saveBaseline } = await import('../baselines.ts');
    await saveBaseline(captureNames(captures, options), options, options.output ?? '-', context);
  });
  const compare = withCaptures(command.command('compare').argument('<baseline>', 'what baseline save wrote'))
    .description(
      'Compares captures with kept figures. With limits the exit status is 1 when one became worse than allowed.',
    )
    .option(
      '--max-regression <metric=amount>',
      'how much worse it may be: rtt.p95=20%, retransmissions.count=2',
      collect,
    )
    .option('--update', 'says what changed and writes the new figures to the baseline; refused in CI');
  compare.action(async (baseline: string, captures: string[], options: CompareOptions) => {
    if (options.update) {
      const { updateBaseline } = await import('../baselines.ts');
      await updateBaseline(captureNames(captures, options), options, baseline, context);
      return;
    }
    if (options.maxRegression === undefined) {
      const { printChanges } = await import('../baselines.ts');
      await printChanges(captureNames(captures, options), options, baseline, context);
      return;
    }
    const { runCheck } = await import('../checking.ts');
    await runCheck(captures, { ...options, baseline }, context);
  });
}
