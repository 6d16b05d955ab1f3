import { render } from 'preact';
import { useState } from 'preact/hooks';
import { hasEngine, leave } from './analyzer.ts';
import { Connection } from './connection.tsx';
import { EmbeddedDetails, embeddedPage, noticeText } from './load.ts';
import { Overview } from './overview.tsx';
import { Start, takeDrops } from './start.tsx';
import { place, type Shown, shown } from './state.ts';

function Page() {
  const now = shown.value;
  return (
    <>
      <main>
        {hasEngine && now !== null && (
          <nav aria-label="captures" class="captures">
            <button type="button" class="link" onClick={leave}>
              another capture
            </button>
          </nav>
        )}
        {now !== null ? <Report now={now} /> : hasEngine ? <Start /> : <p>There is no capture in this page.</p>}
      </main>
      <Footer now={now} />
    </>
  );
}

function Report({ now: { page, details } }: { now: Shown }) {
  const { stream, packet } = place.value;
  const only = page.connections.stream.length === 1 ? page.connections.stream[0] : null;
  const isOnly = only !== null && (stream === null || stream === only);
  return (
    <>
      {(stream === null || isOnly) && <Overview page={page} />}
      {(stream !== null || isOnly) && (
        <Connection page={page} details={details} stream={stream ?? only!} packet={packet} isOnly={isOnly} />
      )}
    </>
  );
}

function Footer({ now }: { now: Shown | null }) {
  const [hasNotice, setNotice] = useState(false);
  return (
    <footer>
      <p class="quiet">
        {`tcpscope ${now?.page.version ?? ''}`.trim()}. This page connects to nothing.{' '}
        <button type="button" class="link" aria-expanded={hasNotice} onClick={() => setNotice(!hasNotice)}>
          Licences
        </button>
      </p>
      {hasNotice && <pre class="notice">{noticeText()}</pre>}
    </footer>
  );
}

/** Shows what the document holds, or says why it cannot be shown. */
async function start(root: HTMLElement): Promise<void> {
  const page = await embeddedPage();
  if (page !== null) shown.value = { page, details: new EmbeddedDetails() };
  if (hasEngine) takeDrops();
  root.replaceChildren();
  render(<Page />, root);
}

const root = document.getElementById('app')!;
start(root).catch((error: unknown) => {
  const main = document.createElement('main');
  const reason = document.createElement('p');
  reason.setAttribute('role', 'alert');
  reason.textContent = `This page cannot be shown: ${error instanceof Error ? error.message : String(error)}.`;
  main.append(reason);
  root.replaceChildren(main);
});
