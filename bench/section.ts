/** One line of a table: what was measured, then figures; the unit is in the column's name. */
export type Row = Readonly<Record<string, string | number>>;

/** `smoke` proves that everything runs: tiny counts, figures that say nothing. */
export type Effort = 'full' | 'smoke';

export type Section = {
  readonly title: string;
  /** The meaning of the figures, and their targets. */
  readonly about: string;
  readonly measure: (effort: Effort) => Promise<Row[]>;
};
