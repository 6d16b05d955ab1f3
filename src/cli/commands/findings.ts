import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { FINDING_IDS, type FindingId, isFindingId } from '../../detect/catalogue.ts';
import { UsageError } from '../../model/errors.ts';
import { nearest } from '../../model/suggest.ts';
import { WIRESHARK_FLAG_NAMES } from '../../model/wireshark.ts';
import { findingDocuments, findingList, findingPage, flagPage } from '../../render/finding-pages.ts';
import { jsonOf } from '../../render/json.ts';
import type { Context } from '../context.ts';
import { chosenFormat, withFormats } from '../format.ts';
import { withExamples } from '../options.ts';

const FORMATS = ['text', 'json'] as const;

export function registerFindings(program: Command, context: Context): void {
  const command = program
    .command('findings')
    .description('Lists what can be found in a capture, or prints the page about one finding.')
    .argument('[id]', "a finding, as reports name it, or one of Wireshark's tcp.analysis flags");
  withFormats(command, FORMATS);
  withExamples(command, [
    ['tcpscope findings', 'all of them, one line each'],
    ['tcpscope findings zero-window', 'what it means, what to do, what it is not'],
    ['tcpscope findings tcp.analysis.out_of_order', 'what goes with a flag of Wireshark'],
    ['tcpscope findings --json | jq .', 'for programs'],
  ]);
  command.action((name: string | undefined) => {
    if (chosenFormat(command, FORMATS) === 'json') json(name, context);
    else text(name, context);
  });
}

function text(name: string | undefined, { output, stdout }: Context): void {
  const { width, style } = stdout;
  const flag = WIRESHARK_FLAG_NAMES.find((flag) => flag === name?.toLowerCase());
  const lines =
    name === undefined
      ? findingList(width, style)
      : flag !== undefined
        ? flagPage(flag, style)
        : findingPage(known(name), width, style);
  for (const line of lines) output.line(line);
}

function json(name: string | undefined, { output }: Context): void {
  const all = findingDocuments();
  const id = name === undefined ? null : known(name);
  output.line(jsonOf(id === null ? all : all.find((page) => page.id === id), 2));
}

function known(text: string): FindingId {
  const name = text.toLowerCase();
  if (isFindingId(name)) return name;
  if (existsSync(text)) {
    throw new UsageError(
      `findings explains what can be found; ${text} is a file. To see what is in a capture: tcpscope FILE --all, or tcpscope packets --problems FILE`,
    );
  }
  const meant = nearest(name, [...FINDING_IDS, ...WIRESHARK_FLAG_NAMES]);
  throw new UsageError(
    `no finding is called ${text}${meant === null ? '' : `; did you mean ${meant}?`} (tcpscope findings lists them all)`,
  );
}
