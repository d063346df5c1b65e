/** The service's CSV files, which quote as RFC 4180 says. */

/** @returns a row for each line, by the names of the header */
export function readCsv(text: string): ReadonlyMap<string, string>[] {
  const [header = [], ...lines] = text
    .split(/\r?\n/)
    .filter(Boolean)
    .map(line =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')
      )
    );
  return lines.map(fields => new Map(header.map((name, at) => [name, fields[at] ?? ''])));
}
