/** Numbers, times and data IDs as people read them. */
import type { DataId } from '../api/lab-types';

/** `12,345`, in the reader's own way. */
export function formatCount(count: number): string {
  return count.toLocaleString();
}

/** `3 December 2026`; the text itself where it is no date. */
export function formatDay(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : date.toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** `3 Dec 2026, 14:05`; the text itself where it is no date. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** `band=r, htm20=15834577031168`. */
export function formatDataId(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([dimension, value]) => `${dimension}=${value}`)
    .join(', ');
}

/** Class names joined, the false ones left out. */
export function classes(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
