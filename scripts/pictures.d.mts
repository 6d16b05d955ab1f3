/** The text of each SVG of the README by the name of its file. Needs dist/. */
export function pictures(): Map<string, string>;
