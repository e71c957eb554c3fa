/** The value below which this share of the samples lies. */
export function quantile(samples: number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function mean(samples: number[]): number {
  return samples.reduce((sum, value) => sum + value, 0) / samples.length;
}

/** Welch's t for the difference of two means; beyond ±4.5 a timing leak counts as found (dudect's threshold). */
export function welchT(a: number[], b: number[]): number {
  const variance = (samples: number[]) => {
    const m = mean(samples);
    return samples.reduce((sum, value) => sum + (value - m) ** 2, 0) / (samples.length - 1);
  };
  return (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);
}

/** `12.3` */
export function fixed(value: number, digits = 1): string {
  return value.toFixed(digits);
}
