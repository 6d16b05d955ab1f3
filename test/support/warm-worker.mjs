// Asks a warm host on behalf of a thread that waits: see `warmSync`.
import { fork } from 'node:child_process';
import { workerData } from 'node:worker_threads';

const { host, main, flag, port } = workerData;
const done = new Int32Array(flag);
let child = null;
let answers = () => {};

function open() {
  return new Promise((resolve) => {
    const opened = fork(host, [main], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    opened.once('message', () => {
      opened.on('message', (outcome) => answers(outcome));
      resolve(opened);
    });
    opened.once('exit', () => {
      child = null;
      answers({ status: null, stdout: '', stderr: '' });
    });
  });
}

port.on('message', async (question) => {
  child ??= await open();
  answers = (outcome) => {
    answers = () => {};
    port.postMessage(outcome);
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  };
  child.send(question);
});
