// Translates src/model/sum.wat into src/model/sum-wasm.ts: node scripts/build-wasm.mjs. A test compares the two.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import wabt from 'wabt';

const SOURCE = new URL('../src/model/sum.wat', import.meta.url);
const TARGET = new URL('../src/model/sum-wasm.ts', import.meta.url);

/** The text of sum-wasm.ts. */
export async function translated() {
  const { parseWat } = await wabt();
  const module = parseWat('sum.wat', readFileSync(SOURCE, 'utf8'), { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,100}/g);
  const text = lines.map((line) => `  '${line}'`).join(' +\n');
  return `/** The module of sum.wat, translated by scripts/build-wasm.mjs; base64. */\nexport const SUM_WASM =\n${text};\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(TARGET, await translated());
