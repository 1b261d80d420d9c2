/** `8 s`, `3 min`, `1 h 20 min`: more digits would promise what nobody knows. @param seconds whole, not negative */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
