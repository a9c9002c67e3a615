/** What may be in one file of rows. */
export const MAX_ROWS = 100_000;
export const MAX_COLUMNS = 200;
/** Characters of a cell; beyond that nothing of ours holds it. */
export const MAX_CELL = 50_000;

/** The cells of a file as text, row by row, with the line (or row of the sheet) each stands in; empty rows are left out. */
export type Grid = readonly { line: number; cells: readonly string[] }[];
