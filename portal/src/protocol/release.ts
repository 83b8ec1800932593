/** What a patient releases for research, in the form that is sealed: as `medrec_primitives::research::ReleaseChoice` packs it. */
import { u32 } from './bytes';
import { PACKED } from './terms';

/** A choice. */
export interface ReleaseChoice {
  /** Whether the records count in planned tables at all. */
  release: boolean;
  /** For which purposes they do not, by bit. */
  excluded: number;
  /** Until which day it holds, if not until it is changed: days since 1970. */
  until?: number;
}

/** The first byte. No packed terms begin with it. */
const FORM = 0xc1;

/** Stands for no end. */
const ENDLESS = 0xffff_ffff;

/** A choice in the bytes that are sealed: as many as of any rule. */
export function packRelease({ release, excluded, until }: ReleaseChoice): Uint8Array {
  const packed = new Uint8Array(PACKED);
  packed.set([FORM, release ? 1 : 0, excluded]);
  packed.set(u32(until ?? ENDLESS), 3);
  return packed;
}
