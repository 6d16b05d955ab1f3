import { Analyzer } from '../analyze.ts';
import { CaptureSession } from '../capture/session.ts';
import { CaptureError, InputError, UsageError } from '../model/errors.ts';
import { DetailBuilder } from '../page/build/detail.ts';
import { pageData } from '../page/build/page.ts';
import type { Answer, CaptureFile, Request } from '../page/messages.ts';
import { pack } from '../page/pack.ts';
import { isClocked } from '../summary/trust.ts';
import { readAsOne } from '../two-views.ts';
import { blobSource } from './capture-input.ts';

/** The engine as a worker of the page: captures come as files, documents go back. Nothing else comes in or goes out. */

/** The part of a worker's global scope that is used here. */
const worker = globalThis as unknown as {
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(answer: Answer, transfer?: readonly ArrayBufferLike[]): void;
};

/** Milliseconds from one word about the progress to the next. */
const PAUSE = 100;

let files: readonly CaptureFile[] = [];
let queue = Promise.resolve();

// One after the other: a connection in full means that the captures are read once more.
worker.onmessage = ({ data }) => {
  queue = queue.then(() => answer(data));
};

async function answer(request: Request): Promise<void> {
  const stream = request.type === 'detail' ? request.stream : -1;
  try {
    if (request.type === 'analyse') {
      files = request.files;
      send({ type: 'page', bytes: await analyse(request.version) });
    } else send({ type: 'detail', stream, bytes: await detail(stream) });
  } catch (error) {
    worker.postMessage({ type: 'error', stream, text: textOf(error) });
  }
}

function send(answer: Extract<Answer, { readonly bytes: Uint8Array }>): void {
  worker.postMessage(answer, [answer.bytes.buffer]);
}

async function analyse(version: string): Promise<Uint8Array> {
  const session = new CaptureSession();
  const analyzer = new Analyzer({ congestion: false });
  await read(analyzer, session);
  const names = files.map(({ name }) => name).join(' ');
  return pack(pageData(analyzer, session.facts, { version, names }));
}

async function detail(stream: number): Promise<Uint8Array> {
  const session = new CaptureSession();
  let builder: DetailBuilder | null = null;
  const analyzer = new Analyzer({
    roundTrips: true,
    onSegment: (t, view) => {
      if (t.connection.id !== stream) return;
      builder ??= new DetailBuilder(t.connection, { hasPayload: true });
      builder.segment(t, view);
    },
    onRow: (row) => {
      if (row.connection.id === stream) builder?.row(row);
    },
  });
  await read(analyzer, session);
  if (builder === null) throw new Error(`there is no connection ${stream}`);
  return pack((builder as DetailBuilder).build(session.facts.firstTimestamp ?? 0n, isClocked(analyzer.findings)));
}

async function read(analyzer: Analyzer, session: CaptureSession): Promise<void> {
  const whole = files.reduce((sum, { blob }) => sum + blob.size, 0);
  let done = 0;
  let toldAt = performance.now();
  const taken = (length: number) => {
    done += length;
    const now = performance.now();
    if (now < toldAt + PAUSE) return;
    toldAt = now;
    worker.postMessage({ type: 'progress', read: done, whole });
  };
  await readAsOne(
    files.map(({ name, blob }) => blobSource(name, blob, taken)),
    analyzer,
    session,
  );
  analyzer.end(session.facts);
}

/** What is wrong with the captures in the words of the terminal; a mistake of the engine with its name. */
function textOf(error: unknown): string {
  if (error instanceof CaptureError || error instanceof InputError || error instanceof UsageError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
