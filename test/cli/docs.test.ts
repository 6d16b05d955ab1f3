import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { warm, wordsOf } from '../support/warm.ts';
import { bin, environment, fixture, type Outcome, root } from './tcpscope.ts';

const PAGES = ['README.md', ...markdownIn('docs')];

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return markdownIn(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

/** Columns of the screens that the examples were made on; without any, nothing is wrapped. */
const SCREENS = [{ COLUMNS: '100' }, {}, { COLUMNS: '113' }];
/** A command that waits for something is ended after so many ms. */
const LONGEST = 25_000;
const script = (command: string) => `tcpscope() { ${process.execPath} ${bin} "$@"; }; ${command}`;

/** Where a line does nothing but run one command, no shell and no new process are needed. */
async function runIn(line: string, cwd: string, screen: Record<string, string> = {}): Promise<Outcome> {
  // What a line pipes into other programs is printed before.
  const [, zone, command, filters = ''] = /^(?:TZ=(\S+) )?((?:[^|']|'[^']*')*)(?:\|(.*))?$/s.exec(line)!;
  const [name, ...words] = wordsOf(command) ?? [];
  const env: Record<string, string> = zone === undefined ? screen : { ...screen, TZ: zone };
  if (name === 'tcpscope') {
    const outcome = await warm(words, { cwd, env, patience: LONGEST });
    if (filters === '') return outcome;
    const { stdout } = spawnSync('bash', ['-c', filters], { cwd, encoding: 'utf8', input: outcome.stdout });
    return { ...outcome, stdout };
  }
  return spawnSync('bash', ['-c', script(line)], {
    cwd,
    encoding: 'utf8',
    env: environment(screen),
    input: '',
    timeout: LONGEST,
  });
}

async function printed(command: string, screen: Record<string, string>): Promise<string> {
  const { stdout } = await runIn(command, root, screen);
  return stdout;
}

/** `$ tcpscope ...` and what stands below it, up to the next command; `...` stands for lines that are left out. */
function examplesOf(page: string): (readonly [command: string, shown: string[]])[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(?:text)?\n(\$ [\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((example) => {
        const [command, ...lines] = example.trimEnd().split('\n');
        return [command, lines] as const;
      }),
  );
}

/** UPDATE_DOCS=1 writes what commands print that have nothing below them yet. */
if (process.env.UPDATE_DOCS) {
  for (const page of PAGES) {
    const file = join(root, page);
    const text = readFileSync(file, 'utf8');
    let fresh = text;
    for (const [, block] of text.matchAll(/^```text\n(\$ [\s\S]*?)^```/gm)) {
      let body = '';
      for (const example of block.split(/^\$ /m).slice(1)) {
        const [command, ...shown] = example.trimEnd().split('\n');
        body += shown.length > 0 ? `$ ${example}` : `$ ${command}\n${await printed(command, SCREENS[0])}`;
      }
      fresh = fresh.replace(block, () => body);
    }
    if (fresh !== text) writeFileSync(file, fresh);
  }
}

describe.each(PAGES.filter((page) => examplesOf(page).length > 0))('%s', (page) => {
  it.each(examplesOf(page))('shows what is printed: %s', async (command, lines) => {
    const shown = lines.filter((line) => line !== '...');
    // Blank lines may come more often than they are shown.
    const text = (some: readonly string[]) => some.filter((line) => line !== '').join('\n');
    const wanted = new Set(shown);
    const texts: string[] = [];
    for (const screen of SCREENS) {
      texts.push(text((await printed(command, screen)).split('\n').filter((line) => wanted.has(line))));
      if (texts.at(-1) === text(shown)) break;
    }
    expect(texts).toContain(text(shown));
  });
});

/** Servers, and what waits for somebody. */
const SERVERS = ['mcp', 'app'];

/** Command lines that stand in the text: in code, without what they are piped to, and none with placeholders in it. */
function linesOf(page: string): string[] {
  // A backslash at its end goes on with the next line.
  const text = readFileSync(join(root, page), 'utf8').replace(/\\\n\s*/g, ' ');
  const code = [
    ...[...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block.split('\n')),
    ...[...text.matchAll(/^ {4}(.*)$/gm)].map(([, line]) => line),
    ...[...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, span]) => span),
  ];
  const lines = code.flatMap((line) => {
    const found = /(?:^|\$ |\| |^sudo )(tcpscope .*)$/.exec(line.trim());
    if (found === null) return [];
    const [command] = found[1].match(/^(?:'[^']*'|"[^"]*"|(?! +# | \| | > | 2> ).)*/)!;
    return [command.trim()];
  });
  return [...new Set(lines)].filter((line) => {
    const words = line.split(/\s+/).slice(1);
    const isWhole = !/\.\.\.|…|[<[]|\b[A-Z]{2,}\b(?!\()|\bN\b|(?<=\s)[A-Z](?=\s|$)|\$\(/.test(
      line.replaceAll(/(['"]).*?\1/g, ''),
    );
    return isWhole && words.length > 1 && !SERVERS.includes(words[0]);
  });
}

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));
symlinkSync(join(root, 'fixtures'), join(folder, 'fixtures'));
/** Files that the lines name: a capture, rules, kept figures. */
async function provide(line: string): Promise<void> {
  for (const [name] of line.matchAll(/[\w./-]+\.(?:pcapng|pcap\d*|cap|gz|ya?ml|json)\b/g)) {
    if (name.includes('/') || new RegExp(`(-w|-o|--output|--write|--evidence|=)\\s*${name}`).test(line)) continue;
    try {
      if (/ya?ml$/.test(name)) await runIn(`tcpscope init ${fixture('linux-echo.pcap')} --force -o ${name}`, folder);
      else if (name.endsWith('json'))
        await runIn(`tcpscope baseline save ${fixture('linux-echo.pcap')} -o ${name}`, folder);
      else symlinkSync(fixture('linux-single-loss-sack.pcap'), join(folder, name));
    } catch {
      // It is there already.
    }
  }
}

/** Each line once, with the first page that has it. */
const LINES = [
  ...new Map(PAGES.flatMap((page) => linesOf(page).map((line) => [line, page] as const)).reverse()),
].reverse();

describe('the documentation', () => {
  it.each(LINES)('names a command line that means something: %s', async (line) => {
    await provide(line);
    const { status, stderr } = await runIn(line, folder);
    // Wrong usage, and bugs. What the capture lacks, and checks that fail, are answers.
    expect(status, stderr).not.toBe(70);
    // An assertion that cannot be checked has status 2 as well, and stands in the report.
    if (status === 2 && stderr !== '')
      expect(stderr).toMatch(
        /argument missing|there is no (TCP )?(stream|packet|connection|host)|choose one with --stream|there are \d+ connections|has one point of view only|no packet was seen at interface/,
      );
  });
});

describe('the documentation', () => {
  it('has examples', () => {
    expect(PAGES.flatMap(examplesOf).length).toBeGreaterThanOrEqual(10);
  });

  it('leads to pages that exist', () => {
    for (const page of PAGES) {
      const text = readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
      for (const [, target] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const path = join(root, page, '..', target);
        expect(() => readFileSync(path), `${page}: ${target}`).not.toThrow(/ENOENT/);
      }
    }
  });

  it('lists every command as the help does', () => {
    const reference = readFileSync(join(root, 'docs/README.md'), 'utf8');
    const rows = [...reference.matchAll(/^- \[`(\w+)`\]\(commands\/\1\.md\): (.*)$/gm)];
    const told = rows.map(([, name, about]) => `${name}: ${about.replaceAll(/\[(.*?)\]\(.*?\)/g, '$1')}`);
    expect(told).toEqual(COMMANDS.map(({ name, about }) => `${name}: ${about}`));
  });
});
