/**
 * The quantile function of a distribution of which some quantiles were forecast. Between two levels it is straight. Beyond the
 * outermost ones it goes on as an exponential tail whose density at the outermost quantile is that of the stretch beside it:
 * with p the mass of the tail and s = dq/dp of that stretch, Q(u) = q₁ + s p ln(u / p) below the first level, and likewise
 * above the last one. Levels that cross are put in order.
 * @param levels ascending, within 0 … 1; `quantiles` parallel to them
 * @param u within 0 … 1; at 0 and 1 themselves ±∞ unless the stretch has no extent
 */
export function quantileAt(levels: readonly number[], quantiles: ArrayLike<number>, u: number): number {
  const ordered = inOrder(quantiles);
  const last = levels.length - 1;
  if (last === 0) return ordered[0]!;
  if (u <= levels[0]!) return ordered[0]! + tail(levels[0]!, slopeOf(levels, ordered, 0), u);
  if (u >= levels[last]!) {
    return ordered[last]! - tail(1 - levels[last]!, slopeOf(levels, ordered, last - 1), 1 - u);
  }
  let at = 0;
  while (levels[at + 1]! < u) at += 1;
  return ordered[at]! + slopeOf(levels, ordered, at) * (u - levels[at]!);
}

function slopeOf(levels: readonly number[], quantiles: ArrayLike<number>, at: number): number {
  return (quantiles[at + 1]! - quantiles[at]!) / (levels[at + 1]! - levels[at]!);
}

/** How far below its beginning a tail of that mass is at `u`. */
function tail(mass: number, slope: number, u: number): number {
  return slope === 0 ? 0 : slope * mass * Math.log(u / mass);
}

/** The same when they are in order, which they mostly are. */
function inOrder(quantiles: ArrayLike<number>): ArrayLike<number> {
  for (let at = 1; at < quantiles.length; at += 1) {
    if (quantiles[at]! < quantiles[at - 1]!) return Float64Array.from(quantiles).sort();
  }
  return quantiles;
}

/** The quantile of values by linear interpolation between the closest two (type 7 of Hyndman and Fan 1996). `sorted` ascending. */
export function sampleQuantile(sorted: ArrayLike<number>, level: number): number {
  const place = (sorted.length - 1) * level;
  const low = Math.floor(place);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}
