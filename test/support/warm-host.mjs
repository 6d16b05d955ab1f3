// Runs the built command line again and again in one process: what it is asked for by message is answered by message.
import { closeSync, openSync } from 'node:fs';
import module from 'node:module';
import { Writable } from 'node:stream';

// As bin/tcpscope.js has it.
module.enableCompileCache?.();
const [, , main] = process.argv;
const { main: run } = await import(main);
const exit = process.exit.bind(process);

/** A descriptor of this process is that file from here on: what is opened next takes the lowest number that is free. */
function redirect(descriptor, path, flags) {
  try {
    closeSync(descriptor);
  } catch {
    // Whoever read standard input to its end has closed it.
  }
  if (openSync(path, flags) !== descriptor) throw new Error(`${descriptor} could not be replaced`);
}

/** A stream of this process, of which what is written is kept. */
function keep(name) {
  const chunks = [];
  const stream = new Writable({
    highWaterMark: 1 << 24,
    write(chunk, _, done) {
      // Whoever writes may use the memory again.
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  Object.defineProperty(process, name, { value: stream, configurable: true });
  return () => Buffer.concat(chunks).toString('utf8');
}

process.on('message', async ({ args, cwd, env, input = '/dev/null', addedTo = '/dev/null', opened }) => {
  process.chdir(cwd);
  redirect(0, input, 'r');
  redirect(1, addedTo, 'a');
  const other = opened === undefined ? null : openSync(opened, 'w');
  for (const key of Object.keys(process.env)) delete process.env[key];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const [stdout, stderr] = [keep('stdout'), keep('stderr')];
  const answer = (status, then = () => {}) =>
    process.send({ status, stdout: stdout(), stderr: stderr() }, undefined, undefined, then);
  // Whoever ends the process ends it: the next one begins afresh.
  process.exit = (status = process.exitCode ?? 0) => answer(status, () => exit(0));
  await run(args.map((word) => word.replace('/dev/fd/OPENED', `/dev/fd/${other}`)));
  process.removeAllListeners('uncaughtException');
  if (other !== null) closeSync(other);
  answer(process.exitCode ?? 0);
});
process.on('disconnect', () => exit(0));
process.send('ready');
