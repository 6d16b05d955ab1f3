import { type Command, InvalidArgumentError } from 'commander';
import { formatBytes } from '../../model/units.ts';
import { htmlDocument, type PageParts } from '../../page/document.ts';
import { BYTE_UNITS } from '../byte-units.ts';
import type { Context } from '../context.ts';
import { inputNames } from '../input.ts';
import { type CaptureOptions, captureNames, parseCount, withCaptures, withExamples, withNote } from '../options.ts';
import { pageDocuments } from '../page-documents.ts';
import { claimPage } from '../page-output.ts';
import { pageParts, sha256 } from '../page-parts.ts';
import { packageVersion } from '../version.ts';

const STREAMS = 50;
const MAX_SIZE = 20 * 2 ** 20;

interface ReportOptions extends CaptureOptions {
  output?: string;
  streams: number;
  maxSize: number;
  payload: boolean;
}

export function registerReport(program: Command, context: Context): void {
  const command = withCaptures(program.command('report'))
    .description(
      'Writes one HTML file to read and to share: the answer, all connections, and the worst of them with their pictures,\n' +
        'packets, exchanges and bytes. It works without a network and loads nothing.',
    )
    .option('-o, --output <file>', 'write there')
    .option('--streams <number>', 'connections in full, the worst first; the others have a row', parseCount, STREAMS)
    .option('--max-size <bytes>', 'largest size of the file: 800K, 20M', parseSize, MAX_SIZE)
    .option('--no-payload', 'leave out the bytes that the connections carried');
  withExamples(command, [
    ['tcpscope report trace.pcap -o report.html', 'the answer and the worst connections'],
    ['tcpscope report trace.pcap --stream 3,7 -o two.html', 'two connections'],
    ['tcpscope report trace.pcap --no-payload -o report.html', 'without what was said, to be shared'],
    ['tcpdump -w - -c 10000 | tcpscope report - -o report.html', 'from a pipe'],
  ]);
  withNote(
    command,
    'Without --no-payload the file holds the beginning of what each of these connections carried: passwords too, where they ' +
      'went over the network in the clear. The file says what it leaves out. Captures are read twice, a pipe is kept in ' +
      `memory (up to ${formatBytes(2 ** 28)}).`,
  );
  command.action((captures: string[], options: ReportOptions) => report(captures, options, context));
}

async function report(captures: readonly string[], options: ReportOptions, context: Context): Promise<void> {
  const names = captureNames(captures, options);
  const { output, streams, maxSize: size, payload: hasPayload } = options;
  context.files.reads(inputNames(names));
  const file = await claimPage(output, context);
  const parts = pageParts();
  const about = { title: titleOf(names), version: packageVersion() };
  const documents = await pageDocuments(names, options, { streams, size, hasPayload }, sizeOf(about, parts), context);
  if (documents === null) return;
  for (const piece of htmlDocument(about, parts, documents, sha256)) {
    file.text(piece);
    await context.files.flush();
  }
  await context.files.commit(file);
}

/** What of a page is there whatever is in the capture. */
function sizeOf(about: Parameters<typeof htmlDocument>[0], parts: PageParts): number {
  let sum = 0;
  for (const piece of htmlDocument(about, parts, [], sha256)) sum += Buffer.byteLength(piece);
  return sum;
}

function titleOf(names: readonly string[]): string {
  return `${names.length === 0 ? 'standard input' : names.join(', ')} - tcpscope`;
}

function parseSize(text: string): number {
  const match = /^(\d{1,12})([KMG]?)$/i.exec(text);
  const size = match === null ? 0 : Number(match[1]) * BYTE_UNITS[match[2].toUpperCase()];
  if (size === 0) throw new InvalidArgumentError('It must be a number of bytes, such as 800K or 20M.');
  return size;
}
