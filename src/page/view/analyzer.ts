import { signal } from '@preact/signals';
import { ENGINE_ID } from '../document.ts';
import type { Answer, CaptureFile, Request } from '../messages.ts';
import type { Detail, PageData } from '../model.ts';
import { unpack } from '../pack.ts';
import { bytesOf, type Details, shown as readable } from './load.ts';
import type { Progress } from './reading.tsx';
import { go, shown } from './state.ts';

/** Whether this page has the engine inside. */
export const hasEngine = document.getElementById(ENGINE_ID) !== null;

export type Work =
  | { readonly kind: 'none' }
  | { readonly kind: 'reading'; readonly name: string; readonly read: number; readonly whole: number }
  | { readonly kind: 'failed'; readonly text: string };

/** What the engine does for the first screen. */
export const work = signal<Work>({ kind: 'none' });

/** Connections in full that are kept; more are read once more when they are wanted again. */
const KEPT = 8;

/** Runs the engine on files of the user's, in a worker that lives as long as its capture is looked at. */
class Analysis implements Details {
  readonly progress = signal<Progress | null>(null);
  private readonly worker: Worker;
  /** Connections that are being read and that are read next; null none. */
  private present: number | null = null;
  private next: number | null = null;
  /** Why the engine does not answer any more, '' while it does. */
  private failure = '';
  private readonly waiting = new Map<
    number,
    {
      readonly promise: Promise<Detail>;
      readonly resolve: (detail: Detail) => void;
      readonly reject: (error: Error) => void;
    }
  >();

  constructor(files: readonly CaptureFile[]) {
    const url = URL.createObjectURL(new Blob([bytesOf(ENGINE_ID)], { type: 'text/javascript' }));
    this.worker = new Worker(url);
    URL.revokeObjectURL(url);
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => this.take(data);
    this.worker.onerror = (event) => {
      this.failure = event.message === '' ? 'The engine could not be started.' : readable(event.message);
      work.value = { kind: 'failed', text: this.failure };
      for (const stream of [this.present, this.next]) if (stream !== null) this.refuse(stream, this.failure);
    };
    work.value = { kind: 'reading', name: namesOf(files), read: 0, whole: 0 };
    this.ask({ type: 'analyse', files, version: versionOfPage() });
  }

  has(): boolean {
    return true;
  }

  load(stream: number): Promise<Detail> {
    const known = this.waiting.get(stream);
    if (known !== undefined) return known.promise;
    if (this.failure !== '') return Promise.reject(new Error(this.failure));
    let [resolve, reject]: [(detail: Detail) => void, (error: Error) => void] = [() => {}, () => {}];
    const promise = new Promise<Detail>((...settle) => {
      [resolve, reject] = settle;
    });
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size < KEPT) break;
      this.waiting.delete(oldest);
    }
    this.waiting.set(stream, { promise, resolve, reject });
    // Whoever goes on to another connection does not wait for those on the way there.
    if (this.next !== null) this.refuse(this.next, 'Another connection was opened.');
    this.next = stream;
    this.askNext();
    return promise;
  }

  private askNext(): void {
    if (this.present !== null || this.next === null) return;
    const stream = this.next;
    this.present = stream;
    this.next = null;
    this.ask({ type: 'detail', stream });
  }

  private refuse(stream: number, reason: string): void {
    this.waiting.get(stream)?.reject(new Error(reason));
    this.waiting.delete(stream);
  }

  /** The engine is free for the next one. */
  private settled(): void {
    this.present = null;
    this.progress.value = null;
    this.askNext();
  }

  end(): void {
    this.worker.terminate();
  }

  private ask(request: Request): void {
    this.worker.postMessage(request);
  }

  private take(answer: Answer): void {
    if (answer.type === 'page') {
      work.value = { kind: 'none' };
      shown.value = { page: readable(unpack<PageData>(answer.bytes)), details: this };
    } else if (answer.type === 'progress') {
      const { read, whole } = answer;
      if (work.value.kind === 'reading') work.value = { ...work.value, read, whole };
      else this.progress.value = { read, whole };
    } else if (answer.type === 'detail') {
      this.waiting.get(answer.stream)?.resolve(readable(unpack<Detail>(answer.bytes)));
      this.settled();
    } else if (answer.stream >= 0) {
      this.refuse(answer.stream, readable(answer.text));
      this.settled();
    } else work.value = { kind: 'failed', text: readable(answer.text) };
  }
}

let present: Analysis | null = null;

/** Analyses these files as one capture, in place of what is shown. */
export function analyse(files: readonly CaptureFile[]): void {
  if (files.length === 0) return;
  present?.end();
  shown.value = null;
  go({ stream: null, packet: null });
  present = new Analysis(files);
}

/** Back to where captures are chosen. */
export function leave(): void {
  present?.end();
  present = null;
  work.value = { kind: 'none' };
  shown.value = null;
  go({ stream: null, packet: null });
}

export function filesOf(list: FileList | null | undefined): CaptureFile[] {
  return [...(list ?? [])].map((file) => ({ name: file.name, blob: file }));
}

function namesOf(files: readonly CaptureFile[]): string {
  return readable(files.map(({ name }) => name).join(', '));
}

function versionOfPage(): string {
  const generator = document.querySelector('meta[name=generator]')?.getAttribute('content') ?? '';
  return generator.replace('tcpscope ', '');
}
