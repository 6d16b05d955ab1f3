import { signal } from '@preact/signals';
import { analyse, filesOf, work } from './analyzer.ts';
import { Reading } from './reading.tsx';

const pasted = signal('');
const isOver = signal(false);

/** Where captures are chosen, dropped or pasted, and what became of them. */
export function Start() {
  const now = work.value;
  return (
    <>
      <h1 class="start-title">tcpscope</h1>
      <p class="lead">
        What happened on these TCP connections? Choose a capture: the analysis runs in this page, and nothing leaves
        this machine.
      </p>
      {now.kind === 'reading' && <Reading read={now.read} whole={now.whole} name={now.name} />}
      {now.kind === 'failed' && (
        <p class="failed" role="alert">
          {now.text}
        </p>
      )}
      {now.kind !== 'reading' && <Choose />}
    </>
  );
}

function Choose() {
  return (
    <>
      <label class={`drop ${isOver.value ? 'over' : ''}`}>
        <input
          type="file"
          multiple
          class="visually-hidden"
          data-test="files"
          onChange={(event) => analyse(filesOf(event.currentTarget.files))}
        />
        <span>
          <strong>Drop captures here</strong>, or <span class="as-link">choose files</span>
        </span>
        <span class="quiet">pcap and pcapng, plain or gzip; several files are read as one capture</span>
      </label>
      <form
        class="paste"
        onSubmit={(event) => {
          event.preventDefault();
          analyse([{ name: 'pasted text', blob: new Blob([pasted.value]) }]);
        }}
      >
        <label for="pasted">Or paste the text of tcpdump -x, -X or -XX:</label>
        <textarea
          id="pasted"
          rows={5}
          spellcheck={false}
          value={pasted.value}
          onInput={(event) => {
            pasted.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="more" disabled={pasted.value.trim() === ''}>
          Analyse the text
        </button>
      </form>
    </>
  );
}

/** Files may be dropped anywhere, whatever is shown. */
export function takeDrops(): void {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    isOver.value = true;
  });
  addEventListener('dragleave', () => {
    isOver.value = false;
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    isOver.value = false;
    analyse(filesOf(event.dataTransfer?.files));
  });
}
