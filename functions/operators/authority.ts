import { holds, type Operator, PERMISSIONS, type Permission } from '../../lib/operators/permissions.ts';

/** What is asked to become of an operator. What is absent stays as it is. */
export type Change = {
  readonly display_name?: string | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly disabled?: boolean | undefined;
  readonly password?: string | undefined;
  readonly administrator?: boolean | undefined;
};

/** The operator to whom it is done. `disabled_by` says who disabled them and with what right; absent if not known. */
export type Target = Operator & {
  readonly disabled: boolean;
  readonly disabled_by?: { readonly username: string; readonly administrator: boolean };
};

type Rule = (actor: Operator, target: Target, wanted: Change) => string | false | undefined;

/** What even an administrator leaves alone. */
const FOR_ALL: readonly Rule[] = [
  (actor, target, { password }) =>
    password !== undefined && isSame(actor, target) && 'PUT /login/password changes your own password',
];

/** What holds for everybody else who may manage operators. Each rule says why not, if so. */
const FOR_MANAGERS: readonly Rule[] = [
  (_, target) => target.administrator && `${target.username} is an administrator`,
  (_, { username, disabled, disabled_by }) =>
    disabled && (disabled_by?.administrator ?? true) && `${username} was disabled by an administrator`,
  (_, __, { administrator }) => administrator && 'only administrators make administrators',
  (actor, target) => listed(`${target.username} holds what you do not`, lacking(actor, target.permissions)),
  (actor, target, { permissions = target.permissions }) =>
    isSame(actor, target) && changed(target.permissions, permissions).length > 0 && 'these are your own permissions',
  (actor, target, { permissions = target.permissions }) =>
    listed('you do not hold', lacking(actor, changed(target.permissions, permissions))),
];

/**
 * Why an operator who may manage operators may not do this to that one; undefined if they may. With nothing wanted it
 * answers for deleting. Somebody new is a target who holds nothing yet.
 */
export function refusalOf(actor: Operator, target: Target, wanted: Change): string | undefined {
  const rules = actor.administrator ? FOR_ALL : [...FOR_ALL, ...FOR_MANAGERS];
  for (const rule of rules) {
    const reason = rule(actor, target, wanted);
    if (reason) return reason;
  }
  return undefined;
}

/** The permissions there are, and which of them this operator may grant and take away. */
export const grantableBy = (actor: Operator): { name: Permission; description: string; grantable: boolean }[] =>
  Object.entries(PERMISSIONS).map(([name, description]) => ({
    name: name as Permission,
    description,
    grantable: holds(actor, name as Permission),
  }));

const isSame = (one: Operator, other: Operator): boolean => one.username === other.username;

const lacking = (actor: Operator, permissions: readonly Permission[]): Permission[] =>
  permissions.filter((permission) => !holds(actor, permission));

/** Granted or taken away. */
const changed = (before: readonly Permission[], after: readonly Permission[]): Permission[] => [
  ...after.filter((permission) => !before.includes(permission)),
  ...before.filter((permission) => !after.includes(permission)),
];

const listed = (reason: string, permissions: readonly Permission[]): string | undefined =>
  permissions.length > 0 ? `${reason}: ${permissions.join(', ')}` : undefined;
