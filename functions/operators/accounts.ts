import { publicOperator } from '../../lib/http/back-office.ts';
import { badParameter, HttpError } from '../../lib/http/error.ts';
import { checkNewPassword, type Passwords } from '../../lib/operators/passwords.ts';
import { holds, type Operator, type Permission } from '../../lib/operators/permissions.ts';
import { firstSession } from '../../lib/operators/sessions.ts';
import type { Found, NewOperator, OperatorsTable, StoredOperator } from '../../lib/tables/operators.ts';
import { authorizeChange, type Change, type Target } from './authority.ts';

type Ports = { readonly operators: OperatorsTable; readonly passwords: Passwords };

type New = Omit<Change, 'disabled'> & { readonly username: string; readonly password: string };

/** An operator in the API: without the password's hash and the session's number. */
export type Account = Target & { readonly created_at: string };

export type Accounts = ReturnType<typeof accounts>;

/** The use cases of operators on operators. Each write is conditional on the account as it was read. */
export const accounts = (ports: Ports) => ({
  page: (limit: number, after: string | undefined) => page(ports, limit, after),
  one: (username: string) => one(ports, username),
  register: (wanted: New, now: number) => register(ports, wanted, now),
  create: (actor: Operator, wanted: New, now: number) => create(ports, actor, wanted, now),
  change: (actor: Operator, username: string, wanted: Change) => change(ports, actor, username, wanted),
  remove: (actor: Operator, username: string) => remove(ports, actor, username),
});

async function page({ operators }: Ports, limit: number, after: string | undefined) {
  const [administrators, page] = await Promise.all([operators.administrators(), operators.list({ limit, after })]);
  const { operators: found, ...rest } = page;
  return { accounts: found.map((operator) => toAccount(operator, administrators.has(operator.username))), ...rest };
}

async function one(ports: Ports, username: string): Promise<Account> {
  const { operator, administrator } = await find(ports, username);
  return toAccount(operator, administrator);
}

/** Registers an operator without permissions, under any free username. */
async function register(ports: Ports, { username, password, display_name }: New, now: number): Promise<Account> {
  return toAccount(await insert(ports, { username, password, display_name }, username, now), false);
}

async function create(ports: Ports, actor: Operator, wanted: New, now: number): Promise<Account> {
  mustBeAllowed(actor, { ...NOBODY, username: wanted.username }, wanted);
  const operator = await insert(ports, wanted, actor.username, now);
  if (!wanted.administrator) return toAccount(operator, false);
  await promote(ports, operator);
  return one(ports, wanted.username);
}

/** Changes an operator. The set of administrators is left before, and entered after, anything else is written. */
async function change(ports: Ports, actor: Operator, username: string, wanted: Change): Promise<Account> {
  const found = await find(ports, username);
  const { operator } = found;
  mustBeAllowed(actor, toAccount(operator, found.administrator), wanted);
  const { administrator: isWanted = found.administrator, disabled = operator.disabled } = wanted;
  if (wanted.administrator && disabled) {
    throw new HttpError(409, 'an administrator cannot be disabled', {
      detail: 'disabled: must be false for an administrator',
    });
  }
  await mustNotGiveAway(ports, found, wanted);
  const hash = wanted.password === undefined ? undefined : await hashOf(ports, wanted.password, username);
  const remains = found.administrator && isWanted && !disabled;
  if (actor.administrator && !remains && (found.administrator || wanted.administrator === false))
    await demote(ports, username);
  const fields = {
    display_name: wanted.display_name,
    permissions: wanted.permissions,
    disabled: wanted.disabled,
    disabled_by: wanted.disabled ? { username: actor.username, administrator: actor.administrator } : undefined,
    password: hash,
    password_chosen_by: hash && actor.username,
  };
  if (Object.values(fields).some((value) => value !== undefined)) {
    mustBeWritten(await ports.operators.change(username, fields, { ...asFound(operator), administrator: remains }));
  }
  if (isWanted && !found.administrator) {
    await promote(ports, { username, session: hash === undefined ? operator.session : operator.session + 1 });
  }
  return one(ports, username);
}

async function remove(ports: Ports, actor: Operator, username: string): Promise<void> {
  const found = await find(ports, username);
  mustBeAllowed(actor, toAccount(found.operator, found.administrator), {});
  if (found.administrator) await demote(ports, username);
  mustBeWritten(await ports.operators.remove(username, { ...asFound(found.operator), administrator: false }));
}

async function find({ operators }: Ports, username: string): Promise<Found> {
  const found = await operators.byUsername(username);
  if (found === undefined) throw new HttpError(404, 'no such operator');
  return found;
}

/** Inserts an operator, who must first change a password that another operator chose. */
async function insert(
  ports: Ports,
  { username, password, display_name = username, permissions = [] }: New,
  chosenBy: string,
  now: number,
): Promise<StoredOperator> {
  const operator: NewOperator = {
    username,
    display_name,
    password: await hashOf(ports, password, username),
    password_chosen_by: chosenBy,
    permissions,
    disabled: false,
    session: firstSession(),
    created_at: new Date(now).toISOString(),
  };
  if (await ports.operators.create(operator)) return operator;
  throw new HttpError(409, 'the username is taken', { detail: username });
}

async function hashOf({ passwords }: Ports, password: string, username: string): Promise<string> {
  const checked = checkNewPassword(password, username);
  if (!checked.ok) throw badParameter('password', checked.message);
  return passwords.hash(password);
}

/**
 * An operator who chose another's password knows it until its owner changes it, and gains what the account gains until
 * then. So they must hold that already, or another password is set in the same request.
 * @throws HttpError 409 naming who chose the password and what they lack
 */
async function mustNotGiveAway({ operators }: Ports, { operator, administrator }: Found, wanted: Change) {
  const { username, password_chosen_by: chooser = username, permissions: held } = operator;
  if (chooser === username || wanted.password !== undefined) return;
  const isPromoted = wanted.administrator === true && !administrator;
  const gained = (wanted.permissions ?? []).filter((permission) => !held.includes(permission));
  if (!isPromoted && gained.length === 0) return;
  const by = await operators.byUsername(chooser);
  const chosenBy = by === undefined || by.operator.disabled ? NOBODY : publicOperator(by.operator, by.administrator);
  const lacking =
    isPromoted && !chosenBy.administrator ? ['the rights of an administrator'] : lackedBy(chosenBy, gained);
  if (lacking.length === 0) return;
  throw new HttpError(409, 'the password is known to another operator', {
    detail: `${chooser} chose the password of ${username} and lacks ${lacking.join(', ')}: wait until ${username} has changed it, or set another password in the same request`,
  });
}

const lackedBy = (operator: Operator, permissions: readonly Permission[]): string[] =>
  permissions.filter((permission) => !holds(operator, permission));

/** Makes an operator an administrator, which ends their sessions. */
async function promote({ operators }: Ports, { username, session }: Pick<StoredOperator, 'username' | 'session'>) {
  mustBeWritten(await operators.makeAdministrator(username, { session }));
}

async function demote({ operators }: Ports, username: string): Promise<void> {
  if (await operators.leaveAdministrators(username)) return;
  throw new HttpError(409, 'the last administrator', { detail: 'make somebody else an administrator first' });
}

const NOBODY: Target = {
  username: '',
  display_name: '',
  administrator: false,
  permissions: [],
  must_change_password: false,
  disabled: false,
};

const toAccount = (operator: StoredOperator, administrator: boolean): Account => ({
  ...publicOperator(operator, administrator),
  disabled: operator.disabled,
  ...(operator.disabled && operator.disabled_by && { disabled_by: operator.disabled_by }),
  created_at: operator.created_at,
});

/** That nothing happened to the account since: a sign-out, a new password and disabling all change the session. */
const asFound = ({ permissions, session }: StoredOperator) => ({ permissions, session });

function mustBeAllowed(actor: Operator, target: Target, wanted: Change): void {
  const authorization = authorizeChange(actor, target, wanted);
  if (!authorization.ok) throw new HttpError(403, 'not permitted', { detail: authorization.detail });
}

function mustBeWritten(isWritten: boolean): void {
  if (!isWritten) throw new HttpError(409, 'changed meanwhile', { detail: 'read the operator and try again' });
}
