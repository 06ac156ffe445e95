/** Milliseconds until attempt `n` (from 1): doubles from one second, at most five minutes. */
export function delay(n: number): number {
  return Math.min(1000 * 2 ** (n - 1), 300_000);
}

export const MAX_ATTEMPTS = 8;
