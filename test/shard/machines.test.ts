import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bin, environment, fixture, output, root, tcpscope } from '../cli/tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-dask-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const process of started) process.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A Python that has it: that of the system, where Debian's packages are, or the first of the path. */
const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import distributed']).status === 0,
);
const hasDask = python !== undefined;
if (!hasDask) console.warn('python3-distributed is not installed: the run on Dask is not tested');

/** Starts a program of Dask; resolves when it has said what `sign` matches. */
function start(
  module: string,
  args: readonly string[],
  sign: RegExp,
): Promise<{ process: ChildProcess; found: string }> {
  const process = spawn(python!, ['-m', module, ...args], { cwd: folder, env: environment() });
  started.push(process);
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk;
      const found = sign.exec(said);
      if (found !== null) resolve({ process, found: found[1] });
    };
    process.stdout.on('data', listen);
    process.stderr.on('data', listen);
    process.once('exit', () => reject(new Error(`${module} ended: ${said}`)));
  });
}

it.skipIf(!hasDask)(
  'shards on Dask, of whose two workers one is killed in the middle, make the report of one run',
  async () => {
    const captures = readdirSync(fixture('.'))
      .filter((name) => /^(linux|tshark).*\.pcap$/.test(name))
      .map((name) => `fixtures/${name}`);
    const shards = join(folder, 'shards');
    output(['split', ...captures, '--shards', '12', '-o', shards, '-q']);
    const cluster = ['--port', '0', '--no-dashboard'];
    const scheduler = await start('distributed.cli.dask_scheduler', cluster, /Scheduler at:\s+(tcp:\S+)/);
    const worker = ['--nthreads', '1', '--no-nanny', '--no-dashboard', scheduler.found];
    const isReady = /(Registered to:)/;
    const [lost] = await Promise.all([
      start('distributed.cli.dask_worker', worker, isReady),
      start('distributed.cli.dask_worker', worker, isReady),
    ]);
    const run = spawn(python!, ['examples/many-machines/dask-run.py', scheduler.found, shards], {
      cwd: root,
      env: environment({ TCPSCOPE: `${process.execPath} ${bin}` }),
    });
    let printed = '';
    let isKilled = false;
    run.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
      if (isKilled || !printed.includes('2 of 12')) return;
      isKilled = true;
      lost.process.kill('SIGKILL');
    });
    const errors: Buffer[] = [];
    run.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const status = await new Promise((resolve) => run.once('exit', resolve));
    expect([status, String(Buffer.concat(errors))]).toEqual([0, expect.anything()]);
    expect(isKilled).toBe(true);
    expect(printed).toContain('12 of 12');
    const parts = readdirSync(shards)
      .filter((name) => name.endsWith('.part'))
      .map((name) => join(shards, name));
    expect(parts).toHaveLength(12);
    expect(tcpscope(['merge', ...parts, '--json'])).toEqual(tcpscope(['analyze', ...captures, '--json']));
  },
  180_000,
);

/** Its own version of the schemas of Kubernetes. Named so that who has not installed it can compile the tests. */
const SCHEMAS: string = 'kubernetes-models/batch/v1/Job';
const { Job } = await import(SCHEMAS).catch(() => ({ Job: null }));
if (Job === null) console.warn('kubernetes-models is not installed: the Indexed Job is not validated');

it.skipIf(Job === null)('the Indexed Job is what the schema of Kubernetes says', () => {
  const job = parse(readFileSync(join(root, 'examples/many-machines/kubernetes-job.yaml'), 'utf8'));
  const validate = (value: object) => new Job(value).validate();
  expect(() => validate(job)).not.toThrow();
  expect(() => validate({ ...job, spec: { ...job.spec, completions: 'many' } })).toThrow('must be integer');
  expect(job.spec).toMatchObject({ completionMode: 'Indexed', backoffLimitPerIndex: 3 });
});

it('what a pod and a task of an array run makes a part', () => {
  const shards = join(folder, 'for-tasks');
  output(['split', 'fixtures/linux-echo.pcap', '--shards', '64', '-o', shards, '-q']);
  const path = join(folder, 'bin');
  mkdirSync(path);
  writeFileSync(join(path, 'tcpscope'), `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`, { mode: 0o755 });
  const PATH = `${path}:${process.env.PATH}`;
  const job = parse(readFileSync(join(root, 'examples/many-machines/kubernetes-job.yaml'), 'utf8'));
  const [{ command, args }] = job.spec.template.spec.containers;
  const script = args[0].replace('/shared/shards', shards);
  const pod = spawnSync(command[0], [...command.slice(1), script], {
    env: environment({ PATH, JOB_COMPLETION_INDEX: '7' }),
    encoding: 'utf8',
  });
  expect([pod.status, pod.stderr]).toEqual([0, '']);
  const task = spawnSync('bash', [join(root, 'examples/many-machines/slurm-array.sh'), shards], {
    env: environment({ PATH, SLURM_ARRAY_TASK_ID: '8' }),
    encoding: 'utf8',
  });
  expect([task.status, task.stderr]).toEqual([0, '']);
  expect(readdirSync(shards).filter((name) => name.endsWith('.part'))).toEqual(['shard-07.part', 'shard-08.part']);
  for (const name of ['dask-run.py', 'spark-run.py']) {
    const code = readFileSync(join(root, 'examples/many-machines', name), 'utf8');
    expect(spawnSync('python3', ['-c', 'import ast,sys; ast.parse(sys.stdin.read())'], { input: code }).status).toBe(0);
  }
});
