import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { environment, root, tcpscope } from '../cli/tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-action-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = (name: string) => readFileSync(join(root, name), 'utf8');

describe('examples/tcpscope.yaml', () => {
  test('passes on the capture that it is about', () => {
    const { status, stdout, stderr } = tcpscope(['check', 'fixtures/linux-echo.pcap', 'examples/tcpscope.yaml']);
    expect(status, stdout + stderr).toBe(0);
  });

  test('fails on one with a loss, to the same server', () => {
    expect(tcpscope(['check', 'fixtures/linux-single-loss-sack.pcap', 'examples/tcpscope.yaml']).status).toBe(1);
  });

  test('fits the published schema', () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text('schema/rules.schema.json')));
    // A colon in a plain text is YAML's: the reader of rules allows it where a condition stands, other readers want quotes.
    const quoted = text('examples/tcpscope.yaml').replace(/^(\s+- )(\w[\w.]*\(.*: .*)$/gm, "$1'$2'");
    expect(validate(parse(quoted)), JSON.stringify(validate.errors)).toBe(true);
  });
});

test('examples/vitest: run by vitest, through the exports of the package', () => {
  const vitest = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(/package\.json$/, 'vitest.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--root', 'examples/vitest'], {
    cwd: root,
    encoding: 'utf8',
    env: environment(),
  });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/3 passed/);
});

interface Action {
  inputs: Record<string, { description: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: { id: string; shell: string; env: Record<string, string>; run: string }[] };
}

describe('action.yml', () => {
  const action = parse(text('action.yml')) as Action;
  const [step] = action.runs.steps;

  test('every input is passed on as a variable, and none stands in the script', () => {
    const passed = Object.values(step.env).join(' ');
    for (const name of Object.keys(action.inputs)) expect(passed).toContain(`\${{ inputs.${name} }}`);
    expect(step.run).not.toContain('${{');
  });

  /** What GitHub does with the step, but for npx. */
  function perform(inputs: Record<string, string>): {
    status: number | null;
    stdout: string;
    output: string;
    summary: string;
  } {
    const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
    writeFileSync(output, '');
    writeFileSync(summary, '');
    const env = Object.fromEntries(
      Object.entries(step.env).map(([name, value]) => [
        name,
        value.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input) => inputs[input] ?? ''),
      ]),
    );
    const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', step.run], {
      cwd: root,
      encoding: 'utf8',
      env: environment({
        ...env,
        TCPSCOPE: `${process.execPath} bin/tcpscope.js`,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      }),
    });
    return { status, stdout, output: readFileSync(output, 'utf8'), summary: readFileSync(summary, 'utf8') };
  }

  test('passes', () => {
    const done = perform({
      captures: 'fixtures/linux-echo.pca[p]',
      rules: 'examples/tcpscope.yaml',
      expect: 'handshake.complete\n\nclose == "fin"',
    });
    expect(done.status, done.stdout).toBe(0);
    expect(done.output).toBe('status=0\n');
    expect(done.summary).toContain('tcpscope check: pass');
  });

  test('fails, with reports, evidence and an annotation', () => {
    const [junit, sarif, evidence] = ['j.xml', 's.sarif', 'e.pcapng'].map((name) => join(folder, name));
    const done = perform({
      captures: 'fixtures/linux-single-loss-sack.pcap',
      'fail-on': 'warning',
      junit,
      sarif,
      evidence,
    });
    expect(done.status).toBe(1);
    expect(done.output).toBe('status=1\n');
    expect(done.stdout).toContain('::error ');
    expect(readFileSync(junit, 'utf8')).toContain('<failure');
    expect(JSON.parse(readFileSync(sarif, 'utf8')).version).toBe('2.1.0');
    expect(readFileSync(evidence).length).toBeGreaterThan(100);
  });

  test('inconclusive fails, unless that is allowed', () => {
    const inputs = { captures: 'fixtures/tshark-15b-scale-unknown.pcap', expect: 'client.options.wscale >= 7' };
    expect(perform(inputs).status).toBe(4);
    expect(perform({ ...inputs, 'allow-inconclusive': 'true' })).toMatchObject({ status: 0, output: 'status=4\n' });
  });

  test('an input is no command', () => {
    const done = perform({ captures: 'fixtures/linux-echo.pcap', expect: '$(touch pwned); `touch pwned`' });
    expect(done.status).toBe(2);
    expect(spawnSync('test', ['-e', join(root, 'pwned')]).status).toBe(1);
  });
});

test('examples/github-workflow.yml uses the inputs that the action has', () => {
  const { jobs } = parse(text('examples/github-workflow.yml'));
  const action = parse(text('action.yml')) as Action;
  const used = jobs.check.steps.find(({ uses }: { uses?: string }) => uses?.startsWith('tcpscope/'));
  for (const name of Object.keys(used.with)) expect(Object.keys(action.inputs)).toContain(name);
  for (const [name, { required }] of Object.entries(action.inputs))
    if (required) expect(used.with).toHaveProperty(name);
});
