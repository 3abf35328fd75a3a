/** What a list of reply rules may hold. */
export const LIMITS = {
  rules: 500,
  rule_bytes: 16_384,
  name_characters: 64,
  comparisons: 50,
  value_characters: 200,
  scenes_or_keys: 100,
  scene_or_key_characters: 128,
  random_replies: 20,
  field_characters: 2_048,
  /** `matches` reads so many characters of a message … */
  pattern_reads_characters: 1_024,
  /** … with at most so many steps per character: each letter, class and group of a pattern is one or two. */
  pattern_steps: 128,
  /** What is inserted is cut so that a text has no more. */
  text_bytes: 2_048,
} as const;
