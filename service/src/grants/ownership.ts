/**
 * Whose a collection is. By convention `u/<user>/…` is a user's and `g/<group>/…` a group's (DMTN-182); no Butler
 * enforces it yet, so nothing else is taken from a name, and the files' own owner is checked besides.
 */
import type { CollectionKind } from '../http/schemas.ts';
import type { Identity } from '../identity/identity.ts';

export interface Owner {
  readonly kind: 'user' | 'group';
  readonly name: string;
}

export interface Pick {
  readonly name: string;
  readonly kind: CollectionKind;
}

const OWNED = /^(?<root>[ug])\/(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?<rest>\/.*)?$/;

/**
 * @param pick - a collection; a prefix may be the whole namespace (`u/alien`), a collection may not
 * @returns its owner, or `undefined` where the name says none or could be read as a path trick
 */
export function ownerOf(pick: Pick): Owner | undefined {
  const { root, name, rest } = OWNED.exec(pick.name)?.groups ?? {};
  const segments = pick.name.split('/');
  if (
    !name ||
    (!rest && pick.kind !== 'prefix') ||
    segments.some(part => part === '' || part === '.' || part === '..')
  ) {
    return undefined;
  }
  return { kind: root === 'u' ? 'user' : 'group', name };
}

/** Whether `identity` is the owner, or of the group that is. */
export function owns(identity: Identity, owner: Owner): boolean {
  return owner.kind === 'user'
    ? owner.name === identity.username
    : identity.groups.includes(owner.name);
}

/** Whether a grant of `granted` covers `wanted`: itself, and for a prefix all below it. */
export function covers(granted: Pick, wanted: Pick): boolean {
  if (granted.kind === 'prefix') {
    return wanted.name === granted.name
      ? wanted.kind === 'prefix'
      : wanted.name.startsWith(`${granted.name}/`);
  }
  return granted.kind === wanted.kind && granted.name === wanted.name;
}
