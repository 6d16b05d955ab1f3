import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { bin, environment, fixture, root } from '../cli/tcpscope.ts';
import { manifestOf } from './installed.ts';

interface Input {
  description: string;
  default?: string | boolean;
  type?: string;
}
interface Job {
  image: string;
  variables: Record<string, string | { value: string; expand: boolean }>;
  script: string[];
  artifacts: { when: string; paths: string[]; reports: { junit: string } };
}

const text = readFileSync(join(root, 'templates/check.yml'), 'utf8');
const [head, body] = parseAllDocuments(text).map((document) => document.toJS());
const inputs: Record<string, Input> = head.spec.inputs;

/** As GitLab does it: in every value of the second document. */
function interpolated(given: Record<string, string | boolean>): { name: string; job: Job } {
  const value = (name: string): string => {
    const found = given[name] ?? inputs[name]?.default;
    if (found === undefined) throw new Error(`the input ${name} is not given, or there is none`);
    return String(found);
  };
  const fill = (node: unknown): unknown => {
    if (typeof node === 'string') return node.replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name) => value(name));
    if (Array.isArray(node)) return node.map(fill);
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [fill(key), fill(inner)]));
  };
  const [[name, job]] = Object.entries(fill(body) as Record<string, Job>);
  return { name, job };
}

const top = mkdtempSync(join(tmpdir(), 'tcpscope-gitlab-'));
afterAll(() => rmSync(top, { recursive: true }));
// In place of npx: the command of the project, and the version that was asked for.
writeFileSync(
  join(top, 'npx'),
  `#!/bin/sh\necho "$1 $2" > ${top}/asked\nshift 2\nexec ${process.execPath} ${bin} "$@"\n`,
);
chmodSync(join(top, 'npx'), 0o755);

describe.each(['sh', 'bash'])('the template for GitLab, run by %s', (shell) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(top, 'job-'));
    copyFileSync(fixture('linux-echo.pcap'), join(folder, 'good one.pcap'));
    copyFileSync(fixture('linux-single-loss-sack.pcap'), join(folder, 'loss.pcap'));
    // Cut within its last packet: that nothing was sent again cannot be told.
    writeFileSync(join(folder, 'cut.pcap'), readFileSync(fixture('linux-echo.pcap')).subarray(0, -3));
  });

  function run(given: Record<string, string | boolean>) {
    const { job } = interpolated(given);
    const variables = Object.entries(job.variables).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : value.value,
    ]);
    const env = environment(Object.fromEntries(variables));
    const { status, stdout, stderr } = spawnSync(shell, ['-e', '-c', job.script.join('\n')], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...env, PATH: `${top}${delimiter}${env.PATH}` },
    });
    return { status, stdout, stderr };
  }
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('checks captures with blanks in their names, and writes the reports that the job keeps', () => {
    const { status, stderr, stdout } = run({
      captures: 'good*.pcap',
      expect: 'handshake.complete\nretransmissions.count * 2 == 0',
    });
    expect(status, stdout + stderr).toBe(0);
    expect(read('tcpscope.xml')).toContain('tests="2" failures="0"');
    const { artifacts } = interpolated({ captures: 'x' }).job;
    for (const name of [artifacts.reports.junit, ...artifacts.paths])
      expect(existsSync(join(folder, name)), name).toBe(true);
    expect(readFileSync(join(top, 'asked'), 'utf8')).toBe(`--yes tcpscope@${manifestOf(root).version}\n`);
  });

  it('fails where a condition fails, of any of the captures', () => {
    const { status } = run({ captures: 'good one.pcap\nloss.pcap', expect: 'retransmissions.count == 0' });
    expect(status).toBe(1);
    expect(read('tcpscope.xml')).toMatch(/<testsuite name="loss.pcap" tests="1" failures="1"/);
  });

  it('takes rules files, and findings that are failures', () => {
    writeFileSync(join(folder, 'my rules.yaml'), 'version: 1\nflows:\n  - { name: x, assert: [handshake.complete] }\n');
    expect(run({ captures: 'good one.pcap', rules: 'my rules.yaml' }).status).toBe(0);
    expect(run({ captures: 'loss.pcap', fail_on: 'warning' }).status).toBe(1);
  });

  it('goes on where a capture cannot tell only when that is allowed', () => {
    const given = { captures: 'cut.pcap', expect: 'retransmissions.count == 0' };
    expect(run(given).status).toBe(4);
    expect(run({ ...given, allow_inconclusive: true }).status).toBe(0);
    expect(run({ captures: 'loss.pcap', expect: 'retransmissions.count == 0', allow_inconclusive: true }).status).toBe(
      1,
    );
  });

  it('runs nothing that an input holds', () => {
    const { status } = run({ captures: 'good one.pcap', expect: '$(touch hacked) `touch hacked`; touch hacked' });
    expect(status).toBe(2);
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });
});

describe('the template for GitLab', () => {
  it('uses every input, and no other; no input stands in the script', () => {
    const used = new Set([...text.matchAll(/\$\[\[ inputs\.(\w+) \]\]/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(inputs).sort());
    expect(interpolated({ captures: 'x' }).job.script.join('\n')).not.toContain('inputs.');
    for (const { description } of Object.values(inputs)) expect(description).toMatch(/\S/);
  });

  it('is of the version of the package, and the example gives it what it takes', () => {
    const { version } = manifestOf(root);
    expect(inputs.version.default).toBe(version);
    const example = parse(readFileSync(join(root, 'examples/gitlab-ci.yml'), 'utf8'));
    const [{ remote, inputs: given }] = example.include;
    expect(remote).toContain(`/v${version}/templates/check.yml`);
    for (const name of Object.keys(given)) expect(Object.keys(inputs)).toContain(name);
    const { name } = interpolated(given);
    expect(example.stages).toContain(given.stage);
    expect(example[name].needs).toEqual(['capture']);
  });
});
