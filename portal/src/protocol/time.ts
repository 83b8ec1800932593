/** Times as they are put on the chain: rounded, so that they do not tell when somebody signed, or was born. */

/** A day (ms). */
export const DAY = 86_400_000;

/** How long an interval of anchors is (ms). */
export const INTERVAL = 600_000;

/** The end of the day (UTC) of a moment, or the moment where it is one. */
export const fullDay = (moment: number): number => Math.ceil(moment / DAY) * DAY;

/** The first `count` half-years, 1 January or 1 July at 00:00 UTC, after a moment. */
export function halfYears(after: number, count: number): number[] {
  const year = new Date(after).getUTCFullYear();
  return Array.from({ length: count + 2 }, (_, place) => Date.UTC(year + Math.floor(place / 2), place % 2 === 0 ? 0 : 6, 1))
    .filter((start) => start > after)
    .slice(0, count);
}
