/** Our checks beside two other readers: sharp (libpng, mozjpeg) and Pillow (its own PNG reader, libjpeg-turbo). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { checkImage } from '../../src/images/check.ts';
import { BAD_JPEGS } from './bad-jpegs.ts';
import { BAD_PNGS } from './bad-pngs.ts';
import { decodeWithSharp } from './decode.ts';
import { encodeJpeg } from './jpeg-builder.ts';
import * as build from './png-builder.ts';
import { STRICTER } from './stricter.ts';

const PYTHON = fileURLToPath(new URL('../../../.venv/stack/bin/python', import.meta.url));
const PEER = fileURLToPath(new URL('pillow_peer.py', import.meta.url));

/**
 * Pillow compares the grey that tRNS names with pixels that it has already stretched to 8 bits, so
 * it finds another one transparent. `png.test.ts` holds these to what the standard says.
 */
const PILLOW_IS_WRONG = /grey [24] bit.* tRNS/;

const folder = mkdtempSync(join(tmpdir(), 'images-'));
const sources = join(folder, 'sources');
const cleaned = join(folder, 'cleaned');

afterAll(() => rmSync(folder, { recursive: true }));

/** Each sample's name, and what is known of it. */
interface Sample {
  readonly name: string;
  readonly ours: Buffer | undefined;
  readonly sharp: string | null;
  readonly pillow: string | null;
  readonly sharpOfClean: string | null;
  readonly pillowOfClean: string | null;
}

const samples = await gather();
const accepted = samples.filter(({ ours }) => ours);

test('samples of every kind are there', () => {
  expect(accepted.length).toBeGreaterThan(100);
  expect(samples.length - accepted.length).toBe(BAD_PNGS.length + BAD_JPEGS.length);
});

describe('what we accept', () => {
  test.each(accepted)('$name: both others read it, and see the same pixels', sample => {
    expect(sample.sharp).not.toBeNull();
    expect(sample.pillow).not.toBeNull();
    if (!PILLOW_IS_WRONG.test(sample.name)) {
      expect(sample.pillow).toBe(sample.sharp);
    }
  });

  test.each(accepted)('$name: its clean bytes have the pixels of the source', sample => {
    expect(sample.sharpOfClean).toBe(sample.sharp);
    expect(sample.pillowOfClean).toBe(sample.pillow);
  });
});

test('what we refuse though another reads it is as listed', () => {
  const lenient = samples
    .filter(({ ours }) => !ours)
    .map(({ name, sharp, pillow }) => {
      const readers = [
        ...(sharp === null ? [] : ['sharp']),
        ...(pillow === null ? [] : ['Pillow'])
      ];
      return [name, readers.join(', ')] as const;
    })
    .filter(([, readers]) => readers !== '');
  expect(Object.fromEntries(lenient)).toEqual(STRICTER);
});

async function gather(): Promise<Sample[]> {
  mkdirSync(sources);
  mkdirSync(cleaned);
  execFileSync(PYTHON, [PEER, 'write', sources]);
  for (const shape of [...build.everyShape(33, 18), ...build.everyShape(5, 3)]) {
    save(`${build.name(shape)}.png`, build.encode(build.picture(shape)));
  }
  for (const options of [{}, { progressive: true }, { mozjpeg: true }, { grey: true }]) {
    save(`sharp ${JSON.stringify(options)}.jpg`, await encodeJpeg(options));
  }
  BAD_PNGS.forEach(([name, , bytes]) => save(`bad PNG: ${name}`, bytes));
  BAD_JPEGS.forEach(([name, , bytes]) => save(`bad JPEG: ${name}`, bytes));

  const names = readdirSync(sources);
  const clean = new Map<string, Buffer>();
  for (const name of names) {
    const result = await checkImage(readFileSync(join(sources, name)));
    if (result.ok) {
      clean.set(name, result.clean);
      writeFileSync(join(cleaned, name), result.clean);
    }
  }
  const [pillow, pillowOfClean] = [decodeWithPillow(sources), decodeWithPillow(cleaned)];
  return await Promise.all(
    names.map(async name => {
      const source = readFileSync(join(sources, name));
      const ours = clean.get(name);
      return {
        name,
        ours,
        sharp: await digestOfSharp(source),
        pillow: pillow[name] ?? null,
        sharpOfClean: ours ? await digestOfSharp(ours) : null,
        pillowOfClean: pillowOfClean[name] ?? null
      };
    })
  );
}

function save(name: string, bytes: Buffer): void {
  writeFileSync(join(sources, name.replaceAll('/', ' ')), bytes);
}

function decodeWithPillow(of: string): Record<string, string | null> {
  const answer = execFileSync(PYTHON, [PEER, 'decode', of], { encoding: 'utf8' });
  // Our own script, whose last line says what it prints.
  return JSON.parse(answer) as Record<string, string | null>;
}

async function digestOfSharp(bytes: Buffer): Promise<string | null> {
  const pixels = await decodeWithSharp(bytes).catch(() => null);
  return pixels && createHash('sha256').update(pixels).digest('hex');
}
