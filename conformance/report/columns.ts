/** Text in columns, for pages that people read. */

/** Thousands separated by commas, as TLC prints them. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function seconds(value: number): string {
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}

export interface ColumnOptions {
  readonly indent?: string;
  /** Columns that stand to the right, as numbers do. */
  readonly right?: readonly number[];
}

/** One line a row, each column as wide as its widest cell. */
export function columns(
  rows: readonly (readonly string[])[],
  { indent = '  ', right = [] }: ColumnOptions = {},
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) =>
      right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    );
    return (indent + cells.join('  ')).trimEnd();
  });
}
