/**
 * What happens to one dataset, in a process of its own (`examine-child.ts`): read, check, clean, hash, and write into
 * quarantine, all from one opening of the file.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { DataId } from '../bridge/messages.ts';
import { checkImage } from '../images/check.ts';
import { DEFAULT_LIMITS } from '../images/limits.ts';
import { readArtifact } from './artifact.ts';
import { chosenMetadata } from './metadata.ts';
import { artifactReason, type ArtifactReasonType } from './reasons.ts';

export const ExamineTask = Type.Object({
  uri: Type.String(),
  metadataUri: Type.Union([Type.String(), Type.Null()]),
  metadataColumns: Type.Array(Type.String()),
  dataId: DataId,
  directories: Type.Array(Type.String()),
  uids: Type.Array(Type.Integer()),
  /** Where in quarantine the clean bytes go. */
  target: Type.String()
});
export type ExamineTask = Static<typeof ExamineTask>;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

export const ExamineOutcome = Type.Union([
  Type.Object({
    ok: Type.Literal(true),
    mediaType: Type.Union([Type.Literal('image/png'), Type.Literal('image/jpeg')]),
    extension: Type.Union([Type.Literal('png'), Type.Literal('jpg')]),
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
    sourceSize: Type.Integer({ minimum: 1 }),
    sourceSha256: Sha256,
    publishedSize: Type.Integer({ minimum: 1 }),
    publishedSha256: Sha256,
    metadata: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])
    ),
    warnings: Type.Array(Type.Object({ type: Type.String(), msg: Type.String() })),
    seconds: Type.Array(Type.Number(), { description: 'CPU of read, check, hash, write.' })
  }),
  Type.Object({
    ok: Type.Literal(false),
    state: Type.Union([Type.Literal('REFUSED'), Type.Literal('MISSING')]),
    reason: Type.Object({ type: Type.String(), msg: Type.String() }),
    fault: Type.Optional(
      Type.String({ description: 'For our log: what went wrong in us, not in the file.' })
    )
  })
]);
export type ExamineOutcome = Static<typeof ExamineOutcome>;

/** Metadata is a few columns; more is not what it says. In bytes. */
const MAX_METADATA_BYTES = 64 * 1024;

/** @throws Error on what is not the file's fault: a full or failing disk */
export async function examine(task: ExamineTask): Promise<ExamineOutcome> {
  const clock = stopwatch();
  const rule = { directories: task.directories, uids: task.uids };
  const artifact = readArtifact(task.uri, { ...rule, maxBytes: DEFAULT_LIMITS.maxBytes });
  if (!artifact.ok) {
    return refused(artifact.why);
  }
  const metadata = readMetadata(task, rule);
  if (metadata.why !== undefined) {
    return refused(metadata.why);
  }
  clock.lap();
  const image = await checkImage(artifact.bytes);
  if (!image.ok) {
    return {
      ok: false,
      state: 'REFUSED',
      reason: image.reason,
      ...(image.fault !== undefined && { fault: describe(image.fault) })
    };
  }
  clock.lap();
  const sourceSha256 = sha256(artifact.bytes);
  const publishedSha256 = image.clean === artifact.bytes ? sourceSha256 : sha256(image.clean);
  clock.lap();
  writeQuarantined(task.target, image.clean);
  clock.lap();
  return {
    ok: true,
    mediaType: image.mediaType,
    extension: image.extension,
    width: image.width,
    height: image.height,
    sourceSize: artifact.bytes.length,
    sourceSha256,
    publishedSize: image.clean.length,
    publishedSha256,
    metadata: metadata.values,
    warnings: image.warnings.map(({ type, msg }) => ({ type, msg })),
    seconds: clock.laps
  };
}

function readMetadata(
  { metadataColumns, metadataUri, dataId }: ExamineTask,
  rule: { directories: readonly string[]; uids: readonly number[] }
):
  | { why: ArtifactReasonType }
  | { why?: undefined; values: Record<string, string | number | boolean | null> } {
  if (metadataColumns.length === 0) {
    return { values: {} };
  }
  let text: string | undefined;
  if (metadataUri === null) {
    if (!metadataColumns.every(column => Object.hasOwn(dataId, column))) {
      return { why: 'metadata_missing' };
    }
  } else {
    const file = readArtifact(metadataUri, { ...rule, maxBytes: MAX_METADATA_BYTES });
    if (!file.ok) {
      return { why: file.why === 'missing' ? 'metadata_missing' : 'bad_metadata' };
    }
    text = file.bytes.toString('utf8');
  }
  const values = chosenMetadata(metadataColumns, text, dataId);
  return values ? { values } : { why: 'bad_metadata' };
}

function writeQuarantined(target: string, bytes: Buffer): void {
  const descriptor = openSync(
    target,
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
    0o600
  );
  try {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(descriptor, bytes, written);
    }
  } finally {
    closeSync(descriptor);
  }
}

function refused(why: ArtifactReasonType): ExamineOutcome {
  return {
    ok: false,
    state: why === 'missing' ? 'MISSING' : 'REFUSED',
    reason: artifactReason(why)
  };
}

function describe(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** CPU seconds between laps, for the benchmark's table. */
function stopwatch(): { readonly laps: number[]; lap(): void } {
  const laps: number[] = [];
  let before = process.cpuUsage();
  return {
    laps,
    lap() {
      const now = process.cpuUsage();
      laps.push((now.user + now.system - before.user - before.system) / 1e6);
      before = now;
    }
  };
}
