/**
 * The manual pages and docs/commands, a page for each command, made from the tree of commands that the help is made from:
 * `node scripts/man.mjs` writes them. Needs dist/.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAN = new URL('../man/', import.meta.url);
const REFERENCE = new URL('../docs/commands/', import.meta.url);
const DIST = new URL('../dist/', import.meta.url);

/** The program with all of its commands, its version, and what stands around the options in the help of a command. */
async function loaded() {
  const load = (/** @type {string} */ path) => import(new URL(path, DIST).href);
  const { buildProgram } = await load('cli/program.js');
  const { COMMANDS } = await load('cli/commands/index.js');
  const { Context } = await load('cli/context.js');
  const { helpPartsOf } = await load('cli/options.js');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const names = COMMANDS.map(({ name }) => name);
  return { program: await buildProgram(new Context(), names), version, helpPartsOf };
}

/** @returns {Promise<Map<string, string>>} the text of each page by the name of its file */
export async function manPages() {
  const { program, version, helpPartsOf } = await loaded();
  const writer = new PageWriter(program, version, helpPartsOf);
  const pages = [['tcpscope.1', writer.main()]];
  for (const command of program.commands) pages.push([`tcpscope-${command.name()}.1`, writer.page(command)]);
  return new Map(pages);
}

/** @returns {Promise<Map<string, string>>} the same as Markdown, for docs/commands */
export async function commandPages() {
  const { program, helpPartsOf } = await loaded();
  return new Map(program.commands.map((command) => [`${command.name()}.md`, markdown(command, helpPartsOf(command))]));
}

/** Pages that tell more of a command than its help. */
const MORE = {
  analyze: ['howto/slow-download.md', 'time-budget.md'],
  app: ['report.md'],
  baseline: ['howto/what-changed.md', 'check.md'],
  check: ['check.md'],
  compare: ['compare.md'],
  congestion: ['congestion.md'],
  connections: ['scale.md'],
  exchanges: ['time-budget.md'],
  explain: ['explain.md', 'explain.zh.md'],
  findings: ['findings.md', 'wireshark.md'],
  follow: ['reassembly.md'],
  init: ['check.md'],
  live: ['scale.md'],
  mcp: ['mcp.md'],
  packets: ['howto/who-reset-it.md', 'tutorial.md'],
  report: ['report.md'],
  script: ['check.md'],
  states: ['tutorial.md'],
};

function markdown(command, { examples, notes }) {
  const help = command.createHelp();
  const rows = (each) =>
    help
      .visibleOptions(each)
      .map((option) => `| \`${option.flags}\` | ${cell((help.optionDescription ?? describe)(option))} |`);
  const table = (each) => ['', '| option | |', '|---|---|', ...rows(each)];
  const own = command.commands.length > 0 ? command.commands : [command];
  const more = (MORE[command.name()] ?? []).map((page) => `[${page.replace(/^.*\/|\.md$/g, '')}](../${page})`);
  return [
    '<!-- Made by scripts/man.mjs from the help of the command. -->',
    `# tcpscope ${command.name()}`,
    '',
    command.description(),
    ...(examples.length === 0 ? [] : ['', ...examples.map(([line, about]) => `    ${line}  # ${about}`)]),
    ...own.flatMap((each) => [
      '',
      `## tcpscope ${each === command ? '' : `${command.name()} `}${each.name()} ${each.usage()}`,
      ...(each === command ? [] : ['', each.description()]),
      ...table(each),
    ]),
    ...notes.flatMap((note) => ['', note]),
    '',
    'The options of `tcpscope` itself (`--color`, `--no-pager` and the like) are understood after every command; `tcpscope --help` lists them.',
    ...(more.length === 0 ? [] : ['', `More: ${more.join(', ')}.`]),
    '',
  ].join('\n');
}

/** A bar would end the cell, and angle brackets would be taken for HTML. */
function cell(words) {
  return words.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

class PageWriter {
  constructor(program, version, helpPartsOf) {
    this.program = program;
    this.version = version;
    this.helpPartsOf = helpPartsOf;
  }

  main() {
    const { program } = this;
    const own = program.commands.map((command) => [`tcpscope-${command.name()}`, command.summary()]);
    return [
      ...this.head('tcpscope', 'TCP trace analyzer'),
      '.SH SYNOPSIS',
      `.B tcpscope\n${text(program.usage())}`,
      '.SH DESCRIPTION',
      text(program.description()),
      '.SH OPTIONS',
      ...this.options(program),
      '.SH COMMANDS',
      ...own.flatMap(([name, about]) => ['.TP', `.BR ${bare(name)} (1)`, text(about)]),
      ...this.examples(program),
      '.SH EXIT STATUS',
      ...this.notes(program),
      '.SH ENVIRONMENT',
      ...ENVIRONMENT.flatMap(([name, about]) => ['.TP', `.B ${bare(name)}`, text(about)]),
      '.SH SEE ALSO',
      [
        ...own.map(([name]) => `.BR ${bare(name)} (1)`),
        '.BR tcpdump (1)',
        '.BR tshark (1)',
        '.BR pcap\\-filter (7)',
      ].join(' ,\n'),
      '',
    ].join('\n');
  }

  page(command) {
    const name = `tcpscope-${command.name()}`;
    return [
      ...this.head(name, command.summary()),
      '.SH SYNOPSIS',
      ...this.synopsis(command),
      '.SH DESCRIPTION',
      text(command.description()),
      ...this.notes(command).flatMap((note) => ['.PP', note]),
      ...this.argumentsOf(command),
      ...this.ownOptions(command),
      ...command.commands.flatMap((sub) => [
        `.SH ${bare(sub.name().toUpperCase())}`,
        text(sub.description()),
        ...this.options(sub),
      ]),
      ...this.examples(command),
      '.SH SEE ALSO',
      '.BR tcpscope (1) ,\n.BR pcap\\-filter (7)',
      '',
    ].join('\n');
  }

  head(name, about) {
    return [
      '.\\" Made by scripts/man.mjs from the help of the command.',
      `.TH ${bare(name.toUpperCase())} 1 "" "tcpscope ${this.version}" "tcpscope"`,
      '.SH NAME',
      `${bare(name)} \\- ${text(about)}`,
    ];
  }

  synopsis(command) {
    const lines = (command.commands.length > 0 ? command.commands : [command]).map((each) => {
      const name = each === command ? command.name() : `${command.name()} ${each.name()}`;
      return `.B tcpscope ${bare(name)}\n${text(each.usage())}`;
    });
    return lines.flatMap((line, i) => (i === 0 ? [line] : ['.br', line]));
  }

  argumentsOf(command) {
    const own = command.registeredArguments.filter(({ description }) => description !== '');
    return own.length === 0
      ? []
      : ['.SH ARGUMENTS', ...own.flatMap((a) => ['.TP', `.I ${bare(a.name())}`, text(a.description)])];
  }

  ownOptions(command) {
    const own = this.options(command);
    return own.length === 0
      ? []
      : ['.SH OPTIONS', ...own, '.PP', 'The options of', '.BR tcpscope (1)', 'are understood as well.'];
  }

  options(command) {
    const help = command.createHelp();
    return help.visibleOptions(command).flatMap((option) => {
      const about = (help.optionDescription ?? describe)(option);
      return ['.TP', `.B ${bare(option.flags)}`, text(about)];
    });
  }

  examples(command) {
    const { examples } = this.helpPartsOf(command);
    if (examples.length === 0) return [];
    return ['.SH EXAMPLES', ...examples.flatMap(([line, about]) => ['.TP', `.B ${bare(line)}`, text(about)])];
  }

  notes(command) {
    return this.helpPartsOf(command).notes.map(text);
  }
}

const describe = (option) => option.description;

const ENVIRONMENT = [
  [
    'PAGER',
    'shows output that is longer than the screen; empty or cat for none. less is given the options FRX unless LESS is set',
  ],
  [
    'NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE',
    'colours, as no-color.org, force-color.org and bixense.com/clicolors have it',
  ],
  ['COLUMNS', 'the width of lines, for files and pipes too'],
  ['TERM', 'dumb means neither colours nor a pager'],
  ['TZ', 'the time zone of dates and times of day'],
];

/** Words of a line that is a macro: no blank in them ends an argument, as only the last one is long. */
function bare(words) {
  return escaped(words).replaceAll('"', '\\(dq').replaceAll('-', '\\-');
}

/** A paragraph, of which no line begins with what groff takes for a command. */
function text(words) {
  return escaped(words)
    .split('\n')
    .map((line) =>
      line
        .replace(/^([.'])/, '\\&$1')
        .replace(/(^|[\s([])(--?[a-zA-Z])/g, (_, before, option) => before + option.replaceAll('-', '\\-')),
    )
    .join('\n');
}

function escaped(words) {
  return words
    .replaceAll('\\', '\\e')
    .replace(
      /[^\x20-\x7e\n]/gu,
      (letter) => `\\[u${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

/** What else is in the folder was of a command that is gone. */
function writeAll(folder, pages) {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(new URL(name, folder));
  for (const [name, page] of pages) writeFileSync(new URL(name, folder), page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const pages = await manPages();
  writeAll(MAN, pages);
  writeAll(REFERENCE, await commandPages());
  const file = new URL('../package.json', import.meta.url);
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.man = [...pages.keys()].map((name) => `./man/${name}`);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
