/** The text of src/model/sum-wasm.ts, made from sum.wat. */
export function translated(): Promise<string>;
