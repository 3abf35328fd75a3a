/** The limits of a list of reply rules. */
export const LIMITS = {
  rules: 500,
  rule_bytes: 16_384,
  /** All rules together, as JSON: a process of the webhook that starts reads them in one page. */
  list_bytes: 1_048_576,
  /** The most that compiling all enabled rules and evaluating the costliest text may cost; see `steps.ts`. */
  steps: 8_388_608,
  name_characters: 64,
  comparisons: 50,
  value_characters: 200,
  scenes_or_keys: 100,
  scene_or_key_characters: 128,
  random_replies: 20,
  field_characters: 2_048,
  /** Comparisons read so many characters of a text … */
  text_reads_characters: 2_048,
  /** … and `matches` so many … */
  pattern_reads_characters: 1_024,
  /** … with at most so many steps per character: each letter, class and group of a pattern is one or two. */
  pattern_steps: 128,
  /** The ranges of a pattern's classes, such as `[一-龥]`, hold so many characters together. */
  pattern_range_characters: 131_072,
  /** Inserted values are cut so that a text has no more. */
  text_bytes: 2_048,
} as const;
