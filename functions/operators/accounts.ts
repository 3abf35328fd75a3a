import { checkNewPassword, type Passwords } from '../../lib/auth/passwords.ts';
import type { Operator } from '../../lib/auth/permissions.ts';
import { firstSession } from '../../lib/auth/sessions.ts';
import { shownOperator } from '../../lib/http/back-office.ts';
import { badParameter, HttpError } from '../../lib/http/error.ts';
import type { OperatorsTable, StoredOperator } from '../../lib/tables/operators.ts';
import { refusalOf, type Wanted } from './authority.ts';

type Ports = { readonly operators: OperatorsTable; readonly passwords: Passwords };

type New = Omit<Wanted, 'disabled'> & { readonly username: string; readonly password: string };

/** An operator as the API shows one: without the password's hash, without the session's number. */
export type Account = Operator & { readonly disabled: boolean; readonly created_at: string };

type Found = { readonly operator: StoredOperator; readonly administrator: boolean };

export type Accounts = ReturnType<typeof accounts>;

/** What operators may do to operators. Each change holds only for the account that was looked at. */
export function accounts({ operators, passwords }: Ports) {
  return {
    async page(limit: number, after: string | undefined): Promise<{ accounts: Account[]; after?: string }> {
      const [administrators, page] = await Promise.all([operators.administrators(), operators.list({ limit, after })]);
      const { operators: found, ...rest } = page;
      return { accounts: found.map((operator) => shown(operator, administrators.has(operator.username))), ...rest };
    },

    one,

    /** Makes an operator who may do nothing: whoever registers, as whom they like. */
    async register({ username, password, display_name }: New, now: number): Promise<Account> {
      return create({ username, password, display_name }, now);
    },

    async create(actor: Operator, wanted: New, now: number): Promise<Account> {
      mustBeAllowed(actor, { ...NOBODY, username: wanted.username }, wanted);
      const account = await create(wanted, now);
      if (!wanted.administrator) return account;
      await promote(wanted.username);
      return one(wanted.username);
    },

    /** An administrator leaves the set of administrators before, and enters it after anything else is written. */
    async change(actor: Operator, username: string, wanted: Wanted): Promise<Account> {
      const found = await find(username);
      mustBeAllowed(actor, shown(found.operator, found.administrator), wanted);
      const { administrator: isWanted = found.administrator, disabled = found.operator.disabled } = wanted;
      if (wanted.administrator && disabled) {
        throw new HttpError(409, 'an administrator cannot be disabled', {
          detail: 'disabled: must be false for an administrator',
        });
      }
      const hash = wanted.password === undefined ? undefined : await hashOf(wanted.password, username);
      const remains = found.administrator && isWanted && !disabled;
      if (actor.administrator && !remains && (found.administrator || wanted.administrator === false))
        await demote(username);
      const { display_name, permissions } = wanted;
      const change = { display_name, permissions, disabled: wanted.disabled, password: hash };
      const seen = { permissions: found.operator.permissions, administrator: remains };
      if (Object.values(change).some((value) => value !== undefined)) {
        mustBeDone(await operators.change(username, change, seen));
      }
      if (isWanted && !found.administrator) await promote(username);
      return one(username);
    },

    async remove(actor: Operator, username: string): Promise<void> {
      const found = await find(username);
      mustBeAllowed(actor, shown(found.operator, found.administrator), {});
      if (found.administrator) await demote(username);
      mustBeDone(await operators.remove(username, { permissions: found.operator.permissions, administrator: false }));
    },
  };

  async function find(username: string): Promise<Found> {
    const found = await operators.byUsername(username);
    if (found === undefined) throw new HttpError(404, 'no such operator');
    return found;
  }

  async function one(username: string): Promise<Account> {
    const { operator, administrator } = await find(username);
    return shown(operator, administrator);
  }

  async function create({ username, password, ...rest }: New, now: number): Promise<Account> {
    const operator: StoredOperator = {
      username,
      display_name: rest.display_name ?? username,
      password: await hashOf(password, username),
      permissions: rest.permissions ?? [],
      disabled: false,
      session: firstSession(),
      created_at: new Date(now).toISOString(),
    };
    if (await operators.create(operator)) return shown(operator, false);
    throw new HttpError(409, 'the username is taken', { detail: username });
  }

  async function hashOf(password: string, username: string): Promise<string> {
    const fault = checkNewPassword(password, username);
    if (fault !== undefined) throw badParameter('password', fault);
    return passwords.hash(password);
  }

  async function promote(username: string): Promise<void> {
    mustBeDone(await operators.makeAdministrator(username));
  }

  async function demote(username: string): Promise<void> {
    if (await operators.leaveAdministrators(username)) return;
    throw new HttpError(409, 'the last administrator', { detail: 'make somebody else an administrator first' });
  }
}

const NOBODY: Operator = { username: '', display_name: '', administrator: false, permissions: [] };

const shown = (operator: StoredOperator, administrator: boolean): Account => ({
  ...shownOperator(operator, administrator),
  disabled: operator.disabled,
  created_at: operator.created_at,
});

function mustBeAllowed(actor: Operator, target: Operator, wanted: Wanted): void {
  const detail = refusalOf(actor, target, wanted);
  if (detail !== undefined) throw new HttpError(403, 'not permitted', { detail });
}

function mustBeDone(isDone: boolean): void {
  if (!isDone) throw new HttpError(409, 'changed meanwhile', { detail: 'read the operator and try again' });
}
