/** The input of distribution charts: sample counts per bin, step by step. */

export interface HistogramArrays {
  /** One more than `counts`, ascending: bin i goes from edges[i] to edges[i + 1]. */
  readonly edges: Float64Array;
  readonly counts: Float64Array;
}

export interface DistributionSeries {
  /** Ascending, with one histogram each. */
  readonly steps: Float64Array;
  readonly histograms: readonly HistogramArrays[];
}
