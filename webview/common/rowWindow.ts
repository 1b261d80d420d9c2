/** The rows (first included, last excluded) to create for a scroll position, with a few to spare on both sides. */
export function rowWindow(
  scrollTopPx: number,
  heightPx: number,
  rowHeightPx: number,
  total: number,
): { readonly first: number; readonly last: number } {
  const spare = 6;
  const first = Math.max(0, Math.min(total, Math.floor(scrollTopPx / rowHeightPx)) - spare);
  const last = Math.min(total, Math.ceil((scrollTopPx + heightPx) / rowHeightPx) + spare);
  return { first, last: Math.max(first, last) };
}
