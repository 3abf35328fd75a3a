import type { NewOperator } from '../../lib/tables/operators.ts';

/** An operator as stored. Say only what matters; the password is none that anybody can give. */
export const anOperator = (username: string, but: Partial<NewOperator> = {}): NewOperator => ({
  username,
  display_name: '小明',
  password: 'none',
  permissions: [],
  disabled: false,
  session: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  ...but,
});
