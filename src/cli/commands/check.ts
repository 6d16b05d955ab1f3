import { type Command, Option } from 'commander';
import { wrap } from '../../render/text.ts';
import { parseReportTarget, REPORT_KINDS, type ReportTarget } from '../check-reports.ts';
import type { CheckOptions } from '../checking.ts';
import type { Context } from '../context.ts';
import { collect, withCaptures, withExamples, withNote } from '../options.ts';

export function registerCheck(program: Command, context: Context): void {
  const command = withCaptures(program.command('check'))
    .usage('[options] CAPTURE... [RULES.yaml]')
    .description(
      'Checks assertions on captures: those of a rules file (an argument that ends in .yaml or .yml) and of --expect.\n' +
        'An assertion passes, fails, or is inconclusive where the capture cannot tell. See docs/check.md.',
    )
    .option('--rules <file>', 'a rules file, whatever its name; may be repeated', collect)
    .option('--controls <path>', 'rules may read control captures in this folder too; may be repeated', collect)
    .option(
      '--expect <condition>',
      'what is to be true of every connection, or of the capture; may be repeated',
      collect,
    )
    .option('--select <condition>', 'the connections that --expect speaks of')
    .option('--expect-flows <count>', 'how many connections there are to be: 2, ">= 1"')
    .option('--fail-on <list>', 'findings that are failures: warning, error or ids, separated by commas', commaList)
    .addOption(
      new Option('--on-incomplete <what>', 'a capture that is cut or dropped packets').choices([
        'inconclusive',
        'fail',
        'ignore',
      ]),
    )
    .option('--baseline <file>', 'compare with what tcpscope baseline save wrote')
    .option('--max-regression <metric=amount>', 'how much worse it may be: rtt.p95=20%; may be repeated', collect)
    .option(
      '--report <kind=file>',
      `write a report, ${REPORT_KINDS.join(', ')}; without a file to standard output`,
      collectReports,
    )
    .option('--evidence <file>', 'write the packets that show why, with comments, as pcapng')
    .option('--merge', 'read several captures as one, such as the files of a ring; else each is checked by itself')
    .option(
      '--compare',
      'the captures are of the same traffic at several places: one_way_delay(...), lost_between(...) of their names',
    )
    .option('--names', 'list the names that conditions may use');
  withExamples(command, [
    ['tcpscope check trace.pcap rules.yaml', 'the rules of a file'],
    ["tcpscope check trace.pcap --expect 'p(95, rtt) < 50ms'", 'one condition, on every connection'],
    ["tcpscope check trace.pcap --select 'server.port == 443' --expect handshake.complete", 'on some of them'],
    ['tcpscope check trace.pcap --fail-on error,zero-window', 'findings'],
    [`tcpscope check --compare a.pcap b.pcap --expect 'lost_between("a.pcap", "b.pcap") == 0'`, 'several places'],
    ['tcpscope check trace.pcap rules.yaml --report junit=out.xml --evidence why.pcapng', 'for CI'],
  ]);
  withNote(
    command,
    'Exit status: 0 pass, 1 fail, 2 wrong usage or rules, 3 unreadable input, 4 inconclusive, 70 internal error.',
  );
  command.action(async (args: string[], options: CheckOptions & { names?: boolean }) => {
    if (options.names) return printNames(context);
    const { runCheck } = await import('../checking.ts');
    await runCheck(args, options, context);
  });
}

/** Columns for what a name means beside it; with fewer it stands below. */
const LEAST_BESIDE = 30;
const BELOW = '      ';

async function printNames({ output, stdout }: Context): Promise<void> {
  const { listNames } = await import('../../check/facts/name-list.ts');
  for (const { title, names } of listNames()) {
    output.line(stdout.style.title(title));
    for (const { name, type, about } of names) {
      const head = `  ${name.padEnd(38)} ${type.padEnd(18)} `;
      const room = (stdout.width ?? Number.POSITIVE_INFINITY) - head.length;
      const isBeside = room >= LEAST_BESIDE;
      if (!isBeside) output.line(head.trimEnd());
      const lines = wrap(about, isBeside ? room : room + head.length - BELOW.length);
      for (const [i, line] of lines.entries())
        output.line(`${isBeside ? (i === 0 ? head : ' '.repeat(head.length)) : BELOW}${line}`.trimEnd());
    }
  }
}

function commaList(value: string, before: string[] | undefined): string[] {
  const items = value.split(',').map((item) => item.trim());
  return [...(before ?? []), ...items.filter((item) => item !== '')];
}

function collectReports(value: string, before: ReportTarget[] | undefined): ReportTarget[] {
  return [...(before ?? []), parseReportTarget(value)];
}
