// Puts together what HTML pages are made of: the script and the style of the page, the engine for a page that analyses captures by
// itself, and the licences of the packages that are inside.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const FOLDER = 'dist/page-parts';

/** The parts of the style sheet, the later ones over the earlier. */
const STYLES = ['base', 'answer', 'tables', 'connection', 'drawings', 'places'];

/** Packages that are bundled into pages. */
const PACKAGES = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];

export async function buildPageParts() {
  mkdirSync(FOLDER, { recursive: true });
  const script = await bundled('src/page/view/main.tsx');
  write('page.js', script);
  write('engine.js', await bundled('src/browser/engine.ts'));
  const styles = STYLES.map((name) => `src/page/view/style/${name}.css`);
  const sheets = ['node_modules/uplot/dist/uPlot.min.css', ...styles].map((path) => readFileSync(path, 'utf8'));
  write('page.css', smaller(sheets.join('\n')));
  write('NOTICE.txt', PACKAGES.map(notice).join('\n\n'));
}

async function bundled(input) {
  const bundle = await rolldown({ input, platform: 'browser', tsconfig: 'src/page/view/tsconfig.json' });
  const { output } = await bundle.generate({ format: 'iife', minify: true });
  await bundle.close();
  return output[0].code;
}

/** They stand inside of elements of a document, which nothing in them may end. */
function write(name, content) {
  if (/<\/(script|style)|<!--/i.test(content)) throw new Error(`${name} would end the element that it stands in`);
  writeFileSync(join(FOLDER, name), content);
}

/** Without comments and indentation. */
function smaller(css) {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*/g, '\n')
    .replace(/\n+/g, '\n')
    .trim();
}

function notice(name) {
  const folder = join('node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`;
}
