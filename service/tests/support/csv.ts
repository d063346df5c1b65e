/**
 * Reads CSV as RFC 4180 has it, strictly: a second opinion on what the service writes.
 *
 * @throws Error on a quote in the wrong place, and on rows of different lengths
 */
export function readCsv(text: string): { header: string[]; rows: string[][] } {
  const rows: string[][] = [];
  const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    field.lastIndex = at;
    const [whole = '', quoted, plain] = field.exec(text) ?? [];
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    at += whole.length;
    const [separator] = /^(?:,|\r?\n|$)/.exec(text.slice(at, at + 2)) ?? [];
    if (separator === undefined) {
      throw new Error(`No CSV after character ${at}: ${text.slice(at, at + 40)}`);
    }
    if (separator !== ',') {
      rows.push(row);
      row = [];
    }
    at += separator.length;
  }
  const [header = [], ...rest] = rows;
  if (rest.some(({ length }) => length !== header.length)) {
    throw new Error('The rows of this CSV have different lengths.');
  }
  return { header, rows: rest };
}

/** Row by row, each value by its column's name. */
export function recordsOf(text: string): Record<string, string>[] {
  const { header, rows } = readCsv(text);
  return rows.map(row => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}
