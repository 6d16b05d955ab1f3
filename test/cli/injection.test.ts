import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { concat, Pcapng, text } from '../capture/build.ts';
import { scenario } from '../support/scenario.ts';
import { tcpscope } from './tcpscope.ts';

/** Whatever a terminal or the log of a CI system could obey. A line of ours never begins with INJECTED. */
const HOSTILE =
  '=cmd\nINJECTED: 1\n::error file=x::y\r::warning::z\x1b]0;t\x07\x1b[31m\x9b31m\u202egpj.exe\u200b##[error]q\t::debug::r';
const NAME = `${HOSTILE}.pcapng`;
const RULES = 'r\nINJECTED: 1\n::error::r\x1b[2J##[error].yaml';
const MISSING = '::error::gone\n::error::gone\x1b[2J\nINJECTED';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-injection-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NANOSECONDS = { code: 9, value: Uint8Array.of(9) };
const builder = new Pcapng();
const capture = (() => {
  const { lines, packets } = scenario(
    {},
    `0.000 > S   seq 0 <mss 1460>
     0.010 < S.  seq 0 ack 1 <mss 1460>
     0.020 > .   ack 1
     0.030 > P.  1:22(21) ack 1 "x\\n::error file=a::b\\n1"
     0.031 > P.  22:25(3) ack 1 "\\n :"
     0.032 > P.  25:38(13) ack 1 ":warning::c##"
     0.033 > P.  38:47(9) ack 1 "[error]d\\n"
     0.040 < .   ack 47
     0.300 > P.  47:51(4) ack 1 "gone"
     0.900 > P.  47:51(4) ack 1 "\\u001b[2J"
     0.950 < P.  1:2(1) ack 51 "=" `,
  );
  const outside = text(HOSTILE);
  return concat(
    builder.section([
      { code: 1, value: outside },
      { code: 2, value: outside },
      { code: 3, value: outside },
      { code: 4, value: outside },
    ]),
    builder.interface(1, 0, [
      { code: 1, value: outside },
      { code: 2, value: outside },
      { code: 3, value: outside },
      { code: 12, value: outside },
      { code: 15, value: outside },
      NANOSECONDS,
    ]),
    ...lines.map(({ time }, i) => builder.enhanced(time, packets[i], { options: [{ code: 1, value: outside }] })),
  );
})();
writeFileSync(join(folder, NAME), capture);
writeFileSync(
  join(folder, RULES),
  `version: 1\nflows:\n  - name: ${JSON.stringify(HOSTILE)}\n    assert: [retransmissions.count == 9]\n`,
);
writeFileSync(join(folder, `bad${RULES}`), `version: 1\n${JSON.stringify(HOSTILE)}: 1\n`);

/** Names that are short enough for the commands that a report offers to be typed. */
const ONE = "\x1b[2J'1\n::error::a.pcapng";
const TWO = "\x1b[2J'2\n::error::a.pcap";
writeFileSync(join(folder, ONE), capture);
writeFileSync(
  join(folder, TWO),
  scenario(
    { connections: { other: { client: '10.0.0.9:99' } } },
    `0.000 > S   seq 0 <mss 1460>
     0.001 > S   seq 0 <mss 1460> conn other
     1.000 > S   seq 0 <mss 1460>
     1.001 > S   seq 0 <mss 1460> conn other`,
  ).pcap,
);

const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const COMMAND = /^\s*::[a-z-]+(\s.*)?::/i;

function run(words: readonly string[], env: Record<string, string> = {}) {
  return tcpscope(words, { cwd: folder, env });
}

function expectHarmless(output: string): void {
  expect(output).not.toMatch(DANGEROUS);
  expect(output).not.toContain('##[');
  for (const line of output.split('\n')) {
    expect(line).not.toMatch(COMMAND);
    expect(line).not.toMatch(/^\s*INJECTED/);
  }
}

const CHECK = ['check', NAME, RULES];

/** Every command in every form that is text. */
const SINKS: [command: string, words: string[]][] = [
  ['analyze', [NAME]],
  ['analyze, with commands to copy', [ONE]],
  ['analyze of many connections, with commands to copy', [TWO]],
  ['analyze -q', ['-q', NAME]],
  ['analyze --stream', ['--stream', '0', NAME]],
  ['analyze --json', ['--json', NAME]],
  ['analyze --ndjson', ['--ndjson', NAME]],
  ['analyze --csv', ['--csv', NAME]],
  ['packets', ['packets', NAME]],
  ['packets --fields', ['packets', '--fields', 'comment,number', NAME]],
  ['packets --ndjson', ['packets', '--ndjson', NAME]],
  ['packets --ndjson --fields', ['packets', '--ndjson', '--fields', 'comment', NAME]],
  ['packets --csv', ['packets', '--csv', NAME]],
  ['packets --csv --fields', ['packets', '--csv', '--fields', 'comment,number', NAME]],
  ['packets -v -e -X', ['packets', '-v', '-e', '-X', NAME]],
  ['packets -A', ['packets', '-A', NAME]],
  ['packets --format tcpdump -A', ['packets', '--format', 'tcpdump', '-A', NAME]],
  ['packets --format tcpdump -X', ['packets', '--format', 'tcpdump', '-X', NAME]],
  ['packets --format tcpdump -AA', ['packets', '--format', 'tcpdump', '-tAA', NAME]],
  ['states', ['states', NAME]],
  ['states --json', ['states', '--json', NAME]],
  ['follow', ['follow', NAME]],
  ['follow --side', ['follow', '--side', 'client', NAME]],
  ['follow --as hex', ['follow', '--as', 'hex', NAME]],
  ['follow --as ndjson', ['follow', '--as', 'ndjson', NAME]],
  ['congestion', ['congestion', NAME]],
  ['congestion --json', ['congestion', '--json', NAME]],
  ['congestion --format qlog', ['congestion', '--format', 'qlog', NAME]],
  ['flow', ['flow', NAME]],
  ['flow --format mermaid', ['flow', '--format', 'mermaid', NAME]],
  ['flow --format svg', ['flow', '--format', 'svg', NAME]],
  ['script', ['script', NAME]],
  ['init', ['init', '-o', '-', NAME]],
  ['baseline save', ['baseline', 'save', NAME]],
  ['check', CHECK],
  ['check --expect', ['check', NAME, '--expect', 'retransmissions.count == 9']],
  ...['json', 'junit', 'sarif', 'tap', 'markdown'].map((kind): [string, string[]] => [
    `check --report ${kind}`,
    [...CHECK, '--report', kind],
  ]),
  ['a missing file', [MISSING]],
  ['two missing files', [MISSING, `${MISSING}2`]],
  ['a missing one of two', [NAME, MISSING]],
  ['a missing rules file', ['check', NAME, `${MISSING}.yaml`]],
  ['a rules file with mistakes', ['check', NAME, `bad${RULES}`]],
  ['a condition with a mistake', ['check', NAME, '--expect', `a == '${MISSING}`]],
  ['a missing baseline', ['check', NAME, '--baseline', MISSING, '--max-regression', 'rtt.p95=1%']],
  ['an unknown option', ['packets', `--${MISSING}`, NAME]],
  ['an unknown value', ['packets', '--format', MISSING, NAME]],
  ['a wrong number', ['packets', '-c', MISSING, NAME]],
  ['a wrong filter', ['packets', '-f', `host ${MISSING}`, NAME]],
  ['an unknown field', ['packets', '--fields', MISSING, NAME]],
  ['an unknown finding', ['findings', MISSING]],
  ['an unknown kind of report', ['check', NAME, '--report', MISSING]],
  ['an output in no folder', ['baseline', 'save', NAME, '-o', `no\n::error::x/${MISSING}`]],
  ['an output that is an input', ['baseline', 'save', NAME, '-o', NAME]],
  ['several connections', ['follow', NAME, NAME]],
];

describe('nothing from outside steers a terminal or a CI system', () => {
  it.each(SINKS)('through %s', (_, words) => {
    const { stdout, stderr, status } = run(words);
    expect(status).not.toBeNull();
    expectHarmless(stdout);
    expectHarmless(stderr);
  });

  it('also where lines are broken', () => {
    for (const COLUMNS of ['20', '33', '80']) {
      expectHarmless(run([NAME], { COLUMNS }).stdout);
      expectHarmless(run(['packets', '--fields', 'number,comment', NAME], { COLUMNS }).stdout);
    }
  });

  it('through annotations of GitHub, which are commands of our own', () => {
    const summary = join(folder, 'summary.md');
    const { stdout } = run([...CHECK, '--report', 'github'], { GITHUB_STEP_SUMMARY: summary });
    const annotations = stdout.split('\n').filter((line) => COMMAND.test(line));
    expect(annotations).toHaveLength(1);
    const [, properties, message] = /^::error ([^:]*)::(.*)$/.exec(annotations[0])!;
    expect(properties.split(',').map((part) => part.split('=')[0])).toEqual(['file', 'line', 'col', 'title']);
    expect(message).not.toMatch(DANGEROUS);
    expectHarmless(stdout.replace(annotations[0], ''));
    expectHarmless(readFileSync(summary, 'utf8'));
  });

  it('through the files that are written', () => {
    run(['init', '--force', '-o', 'rules.yaml', NAME]);
    const rules = readFileSync(join(folder, 'rules.yaml'), 'utf8');
    expectHarmless(rules);
    expect(rules.match(/^[^\s#].*?:/gm)).toEqual(['version:', 'input:', 'capture:', 'flows:']);
    run(['follow', NAME, '-o', 'stream.txt']);
    expectHarmless(readFileSync(join(folder, 'stream.txt'), 'utf8'));
    expect(readdirSync(folder)).toContain('rules.yaml');
  });

  it('and a line to copy holds every name in one word', () => {
    const { stderr } = run(['init', '--force', '-o', 'x; touch pwned', NAME]);
    expect(stderr).toContain("'x; touch pwned'");
  });
});

describe('what programs read stays what it was', () => {
  it('in JSON', () => {
    const report = JSON.parse(run(['--json', NAME]).stdout);
    expect(report.capture.files[0].name).toBe(NAME);
    expect(report.capture.comments).toContain(HOSTILE);
    const [first] = run(['packets', '--ndjson', NAME]).stdout.split('\n');
    expect(JSON.parse(first).comment).toBe(HOSTILE);
  });

  it('in CSV, but for what a spreadsheet would run', () => {
    const [head, first] = run(['packets', '--csv', '--fields', 'comment,number', NAME]).stdout.split('\n');
    expect(head).toBe('comment,number');
    expect(first).toMatch(/^"?'=cmd\\x0aINJECTED/);
    const rows = run(['packets', '--csv', NAME]).stdout.split('\n').slice(1);
    for (const row of rows) for (const cell of row.split(',')) expect(cell).not.toMatch(/^"?[=+@]|^"?-(?![\d.]+$)/);
  });
});
