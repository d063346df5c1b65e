/**
 * Opens a dataset's file, which a PI may have pointed at anything. The file is opened once; what is checked, hashed
 * and copied is what that descriptor reads, so nothing can be exchanged in between (design: *Trust*).
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ArtifactReasonType } from './reasons.ts';

/** What an artifact must be. */
export interface ArtifactRule {
  /** The directories, real paths ending in `/`, in one of which it must lie: its run's, in each datastore. */
  readonly directories: readonly string[];
  /** The users to one of whom it must belong. */
  readonly uids: readonly number[];
  readonly maxBytes: number;
}

export type Artifact =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: ArtifactReasonType };

/**
 * @param uri - as the Butler gives it
 * @throws Error on what is neither the PI's fault nor for good, such as a failing disk: to be tried again
 */
export function readArtifact(uri: string, rule: ArtifactRule): Artifact {
  const path = localPath(uri);
  if (path === undefined) {
    return { ok: false, why: 'not_a_local_file' };
  }
  if (!rule.directories.some(directory => path.startsWith(directory))) {
    return { ok: false, why: 'outside_its_run' };
  }
  let descriptor: number;
  try {
    // NONBLOCK: a FIFO without a writer would hold us for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return { ok: false, why: whyNotOpened(error) };
  }
  try {
    return readChecked(descriptor, rule);
  } finally {
    closeSync(descriptor);
  }
}

function readChecked(descriptor: number, rule: ArtifactRule): Artifact {
  const status = fstatSync(descriptor);
  if (!status.isFile()) {
    return { ok: false, why: 'not_a_file' };
  }
  // The descriptor's own path: a link among the directories above would show here.
  const realPath = readlinkSync(`/proc/self/fd/${descriptor}`);
  if (!rule.directories.some(directory => realPath.startsWith(directory))) {
    return { ok: false, why: 'outside_its_run' };
  }
  if (!rule.uids.includes(status.uid)) {
    return { ok: false, why: 'not_the_grantors' };
  }
  if (status.size > rule.maxBytes) {
    return { ok: false, why: 'too_many_bytes' };
  }
  const bytes = Buffer.allocUnsafe(status.size);
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled);
    if (count === 0) {
      break;
    }
    filled += count;
  }
  return { ok: true, bytes: bytes.subarray(0, filled) };
}

function localPath(uri: string): string | undefined {
  try {
    const url = new URL(uri);
    if (url.protocol !== 'file:' || url.host !== '' || url.search !== '' || url.hash !== '') {
      return undefined;
    }
    const path = fileURLToPath(url); // throws at %2F
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

function whyNotOpened(error: unknown): ArtifactReasonType {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'missing';
    case 'ELOOP':
      return 'is_a_link';
    case 'EACCES':
    case 'EPERM':
      return 'not_readable';
    case 'ENXIO': // a socket
    case 'ENODEV':
      return 'not_a_file';
    default:
      throw error;
  }
}
