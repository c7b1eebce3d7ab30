/** Collects garbage between measurements, where node runs with --expose-gc. */
export function gcBetween(): void {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
}
