/** `make contract TARGET_URL=… TOKEN_FILE=…`: whether our clients work with a deployment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDeployment } from './deployment.ts';
import { isDocument } from './document.ts';

const [origin, tokenFile] = process.argv.slice(2);
if (!origin || !tokenFile) {
  process.stderr.write('usage: make contract TARGET_URL=https://data.example.org TOKEN_FILE=…\n');
  process.exit(2);
}
const ours: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8'));
if (!isDocument(ours)) {
  throw new Error('contract/openapi.json is no OpenAPI document');
}
const problems = await checkDeployment({
  origin,
  token: readFileSync(tokenFile, 'utf8').trim(),
  ours,
  say: line => process.stdout.write(`${line}\n`)
});
process.stdout.write(
  problems === 0 ? 'It answers as our clients expect.\n' : `${problems} problems.\n`
);
process.exit(problems === 0 ? 0 : 1);
