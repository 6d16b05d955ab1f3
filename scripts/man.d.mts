/** The text of each manual page by the name of its file. Needs dist/. */
export function manPages(): Promise<Map<string, string>>;

/** The same as Markdown, for docs/commands. Needs dist/. */
export function commandPages(): Promise<Map<string, string>>;
