import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
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
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(text('schema/rules.schema.json')));
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
  const { steps } = action.runs;

  test('every input is passed on as a variable, and none stands in a script', () => {
    const passed = steps.flatMap(({ env }) => Object.values(env)).join(' ');
    for (const name of Object.keys(action.inputs)) expect(passed).toContain(`\${{ inputs.${name} }}`);
    for (const step of steps) expect(step.run).not.toContain('${{');
  });

  interface Run {
    /** Of the step that ended it. */
    status: number | null;
    stdout: string;
    /** What the steps wrote for `outputs`. */
    output: string;
    summary: string;
  }

  /** Runs the steps as they are written, as GitHub does: `bash --noprofile --norc -eo pipefail`, up to the first that fails. */
  function perform(
    inputs: Record<string, string>,
    { actionPath = root, cwd = root, path = process.env.PATH ?? '' } = {},
  ): Run {
    const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
    writeFileSync(output, '');
    writeFileSync(summary, '');
    let run: Run = { status: 0, stdout: '', output: '', summary: '' };
    for (const step of steps) {
      const env = Object.fromEntries(
        Object.entries(step.env).map(([name, value]) => [
          name,
          value
            .replace(/\$\{\{ github\.action_path \}\}/, () => actionPath)
            .replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input) => inputs[input] ?? ''),
        ]),
      );
      const { status, stdout, stderr } = spawnSync(
        '/bin/bash',
        ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run],
        {
          cwd,
          encoding: 'utf8',
          env: environment({ ...env, PATH: path, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary }),
        },
      );
      run = {
        status,
        stdout: run.stdout + stdout + stderr,
        output: readFileSync(output, 'utf8'),
        summary: readFileSync(summary, 'utf8'),
      };
      if (status !== 0) break;
    }
    return run;
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
    const [junit, sarif, evidence] = ['j x.xml', 's x.sarif', 'e x.pcapng'].map((name) => join(folder, name));
    const done = perform({
      captures: 'fixtures/linux-single-loss-sack.pcap',
      'fail-on': 'warning',
      junit,
      sarif,
      evidence,
    });
    expect(done.status, done.stdout).toBe(1);
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

  test('names with spaces, in another folder than the action', () => {
    const cwd = mkdtempSync(join(folder, 'work space '));
    copyFileSync(join(root, 'fixtures/linux-echo.pcap'), join(cwd, 'my echo.pcap'));
    copyFileSync(join(root, 'fixtures/linux-echo.pcap'), join(cwd, '-r.pcap'));
    writeFileSync(join(cwd, 'my rules.yaml'), 'version: 1\nfail_on: [error]\n');
    for (const captures of ['my echo.pcap', 'my *.pcap', '-r.pcap', './my echo.pcap\n']) {
      const done = perform({ captures, rules: 'my rules.yaml', expect: 'handshake.complete' }, { cwd });
      expect(done.status, done.stdout).toBe(0);
    }
    expect(perform({ captures: 'no such.pcap', expect: 'true' }, { cwd }).output).toBe('status=3\n');
  });

  describe('a checkout that is not built', () => {
    /** A folder like a fresh checkout, and an `npm` that does `command` there. */
    function checkout(command: string): { actionPath: string; path: string } {
      const actionPath = mkdtempSync(join(folder, 'check out '));
      const bin = join(actionPath, '..', `bin-${Math.random().toString(36).slice(2)}`);
      mkdirSync(bin);
      mkdirSync(join(actionPath, 'bin'));
      copyFileSync(join(root, 'package.json'), join(actionPath, 'package.json'));
      for (const name of readdirSync(join(root, 'bin')))
        copyFileSync(join(root, 'bin', name), join(actionPath, 'bin', name));
      writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
      return { actionPath, path: `${bin}:${process.env.PATH}` };
    }
    const inputs = { captures: join(root, 'fixtures/linux-echo.pcap'), expect: 'handshake.complete' };

    test('is built where it is', () => {
      const install = `[ "$1" = ci ] && ln -s '${join(root, 'dist')}' dist && ln -s '${join(root, 'node_modules')}' node_modules`;
      const done = perform(inputs, checkout(install));
      expect(done.status, done.stdout).toBe(0);
      expect(done.output).toBe('status=0\n');
    });

    test.each([
      ['cannot be installed', 'exit 1', 'its dependencies cannot be installed'],
      ['does not start', 'exit 0', 'it does not start after it was built'],
    ])('that %s is no failed check', (_, command, message) => {
      const done = perform(inputs, checkout(command));
      expect(done).toMatchObject({ status: 70, output: 'status=70\n' });
      expect(done.stdout).toContain(`::error title=tcpscope could not run::${message}`);
    });

    test('nor is a machine without Node.js', () => {
      expect(perform(inputs, { path: '/nowhere' })).toMatchObject({ status: 70, output: 'status=70\n' });
    });
  });

  test('an input is no command', () => {
    const done = perform({ captures: 'fixtures/linux-echo.pcap', expect: '$(touch pwned); `touch pwned`' });
    expect(done.status).toBe(2);
    expect(perform({ captures: '$(touch pwned)\n`touch pwned`\n;touch pwned', expect: 'true' }).status).toBe(3);
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
