import type { Command } from 'commander';
import { htmlDocument } from '../../page/document.ts';
import type { Context } from '../context.ts';
import { withExamples, withNote } from '../options.ts';
import { claimPage } from '../page-output.ts';
import { appParts, sha256 } from '../page-parts.ts';
import { packageVersion } from '../version.ts';

interface AppOptions {
  output?: string;
}

export function registerApp(program: Command, context: Context): void {
  const command = program
    .command('app')
    .description(
      'Writes the analyzer as one HTML file: drop captures on it, and the report appears. All is computed in the browser,\n' +
        'nothing leaves the machine; it works from a folder, without a network.',
    )
    .option('-o, --output <file>', 'write there');
  withExamples(command, [
    ['tcpscope app -o tcpscope.html', 'then open tcpscope.html in a browser'],
    ['tcpscope app > tcpscope.html', 'the same'],
  ]);
  withNote(
    command,
    'The page reads pcap, pcapng, gzip of both, and pasted text of tcpdump -x or -X; several files as one capture.',
  );
  command.action((options: AppOptions) => app(options, context));
}

async function app({ output }: AppOptions, context: Context): Promise<void> {
  const file = await claimPage(output, context);
  const about = { title: 'tcpscope', version: packageVersion() };
  for (const piece of htmlDocument(about, appParts(), [], sha256)) file.text(piece);
  await context.files.commit(file);
}
