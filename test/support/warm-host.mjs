// Runs the built command line again and again in one process: what it is asked for by message is answered by message.
import { Writable } from 'node:stream';

const [, , main] = process.argv;
const { main: run } = await import(main);
const exit = process.exit.bind(process);

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

process.on('message', async ({ args, cwd, env }) => {
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
