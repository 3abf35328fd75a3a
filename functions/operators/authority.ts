import { holds, type Operator, PERMISSIONS, type Permission } from '../../lib/operators/permissions.ts';

/** A change of an operator. Absent fields stay as they are. */
export type Change = {
  readonly display_name?: string | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly disabled?: boolean | undefined;
  readonly password?: string | undefined;
  readonly administrator?: boolean | undefined;
};

/** The operator that is changed. `disabled_by` says who disabled it and whether as an administrator; absent if unknown. */
export type Target = Operator & {
  readonly disabled: boolean;
  readonly disabled_by?: { readonly username: string; readonly administrator: boolean };
};

/** The authorization of a change; if it is refused, `detail` is the reason. */
export type Authorization =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: keyof typeof FOR_ALL | keyof typeof FOR_MANAGERS; readonly detail: string };

/** The detail if the rule forbids the change. */
type Rule = (actor: Operator, target: Target, wanted: Change) => string | false | undefined;

/** The rules for everybody, administrators too. */
const FOR_ALL = {
  OWN_PASSWORD: (actor, target, { password }) =>
    password !== undefined && isSame(actor, target) && 'PUT /login/password changes your own password',
} as const satisfies Record<string, Rule>;

/** The rules for everybody else who may manage operators. */
const FOR_MANAGERS = {
  IS_ADMINISTRATOR: (_, target) => target.administrator && `${target.username} is an administrator`,
  DISABLED_BY_ADMINISTRATOR: (_, { username, disabled, disabled_by }) =>
    disabled && (disabled_by?.administrator ?? true) && `${username} was disabled by an administrator`,
  ADMINISTRATORS_ONLY: (_, __, { administrator }) => administrator && 'only administrators make administrators',
  HOLDS_MORE: (actor, target) =>
    listed(`${target.username} has permissions that you do not hold`, lacking(actor, target.permissions)),
  OWN_PERMISSIONS: (actor, target, { permissions = target.permissions }) =>
    isSame(actor, target) && changed(target.permissions, permissions).length > 0 && 'these are your own permissions',
  NOT_HELD: (actor, target, { permissions = target.permissions }) =>
    listed('you do not hold', lacking(actor, changed(target.permissions, permissions))),
} as const satisfies Record<string, Rule>;

/**
 * Authorizes a manager of operators to make a change to another operator. The change of a removal is empty; the target of a
 * creation holds nothing yet.
 */
export function authorizeChange(actor: Operator, target: Target, wanted: Change): Authorization {
  const rules = actor.administrator ? FOR_ALL : { ...FOR_ALL, ...FOR_MANAGERS };
  for (const [code, rule] of Object.entries<Rule>(rules)) {
    const detail = rule(actor, target, wanted);
    if (detail) return { ok: false, code: code as keyof typeof rules, detail };
  }
  return { ok: true };
}

/** All permissions, and which of them this operator may grant and revoke. */
export const grantableBy = (actor: Operator): { name: Permission; description: string; grantable: boolean }[] =>
  Object.entries(PERMISSIONS).map(([name, description]) => ({
    name: name as Permission,
    description,
    grantable: holds(actor, name as Permission),
  }));

const isSame = (one: Operator, other: Operator): boolean => one.username === other.username;

const lacking = (actor: Operator, permissions: readonly Permission[]): Permission[] =>
  permissions.filter((permission) => !holds(actor, permission));

/** The permissions that a change grants or revokes. */
const changed = (before: readonly Permission[], after: readonly Permission[]): Permission[] => [
  ...after.filter((permission) => !before.includes(permission)),
  ...before.filter((permission) => !after.includes(permission)),
];

const listed = (reason: string, permissions: readonly Permission[]): string | undefined =>
  permissions.length > 0 ? `${reason}: ${permissions.join(', ')}` : undefined;
