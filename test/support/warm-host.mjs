// Runs the built command line again and again in one process: what it is asked for by message is answered by message.
import { closeSync, openSync } from 'node:fs';
import module from 'node:module';
import { Writable } from 'node:stream';

// As bin/tcpscope.js has it.
module.enableCompileCache?.();
const [, , main] = process.argv;
const { main: run } = await import(main);
const exit = process.exit.bind(process);

/** Standard input is the file of that name from here on: what is opened next takes the lowest number that is free. */
function takeInput(path) {
  try {
    closeSync(0);
  } catch {
    // Whoever read it to its end has closed it.
  }
  if (openSync(path) !== 0) throw new Error('standard input could not be replaced');
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

process.on('message', async ({ args, cwd, env, input = '/dev/null' }) => {
  takeInput(input);
  process.chdir(cwd);
  for (const key of Object.keys(process.env)) delete process.env[key];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const [stdout, stderr] = [keep('stdout'), keep('stderr')];
  const answer = (status, then = () => {}) =>
    process.send({ status, stdout: stdout(), stderr: stderr() }, undefined, undefined, then);
  // Whoever ends the process ends it: the next one begins afresh.
  process.exit = (status = process.exitCode ?? 0) => answer(status, () => exit(0));
  await run(args);
  process.removeAllListeners('uncaughtException');
  answer(process.exitCode ?? 0);
});
process.on('disconnect', () => exit(0));
process.send('ready');
