import { authorizeChange, type Change, grantableBy, type Target } from '../../functions/operators/authority.ts';
import { PERMISSIONS, type Permission } from '../../lib/operators/permissions.ts';

const operator = (username: string, permissions: Permission[], administrator = false): Target => ({
  username,
  display_name: username,
  administrator,
  permissions,
  must_change_password: false,
  disabled: false,
});

const root = operator('root', [], true);
const other = operator('other', [], true);
const manager = operator('manager', ['operators:manage', 'tags:read', 'tags:write']);
const below = operator('below', ['tags:read']);
const equal = operator('equal', ['operators:manage', 'tags:read', 'tags:write']);
const above = operator('above', ['tags:read', 'menu:write']);
const nobody = operator('nobody', []);

const ALL = Object.keys(PERMISSIONS) as Permission[];

it.each<[string, Target, Target, Change]>([
  ['an administrator renames another', root, other, { display_name: 'Other' }],
  ['an administrator unmakes another', root, other, { administrator: false }],
  ['an administrator resets the password of another', root, other, { password: 'long enough' }],
  ['an administrator deletes another', root, other, {}],
  ['an administrator steps back', root, root, { administrator: false }],
  ['an administrator makes an administrator', root, nobody, { administrator: true }],
  ['an administrator grants everything', root, nobody, { permissions: ALL }],
  ['an administrator takes everything', root, above, { permissions: [] }],
  ['a manager grants what they hold', manager, nobody, { permissions: ['tags:read', 'operators:manage'] }],
  ['a manager takes what they hold', manager, below, { permissions: [] }],
  ['a manager takes from an equal', manager, equal, { permissions: ['tags:read'] }],
  ['a manager disables an equal', manager, equal, { disabled: true }],
  ['a manager resets a password', manager, below, { password: 'long enough' }],
  ['a manager deletes', manager, below, {}],
  ['a manager renames themselves', manager, manager, { display_name: 'Boss' }],
  ['a manager asks for no change of their own permissions', manager, manager, { permissions: manager.permissions }],
  ['a manager says of somebody what they are not', manager, below, { administrator: false }],
])('lets it be when %s', (_, actor, target, wanted) => {
  expect(authorizeChange(actor, target, wanted)).toEqual({ ok: true });
});

const AN_ADMINISTRATOR = 'other is an administrator';
const ABOVE = 'above has permissions that you do not hold: menu:write';
const OWN = 'these are your own permissions';
const ONLY_ADMINISTRATORS = 'only administrators make administrators';

it.each<[string, Target, Target, Change, string]>([
  ['renames an administrator', manager, other, { display_name: 'x' }, AN_ADMINISTRATOR],
  ['disables an administrator', manager, other, { disabled: true }, AN_ADMINISTRATOR],
  ['resets the password of an administrator', manager, other, { password: 'long enough' }, AN_ADMINISTRATOR],
  ['deletes an administrator', manager, other, {}, AN_ADMINISTRATOR],
  ['unmakes an administrator', manager, other, { administrator: false }, AN_ADMINISTRATOR],
  ['makes an administrator', manager, below, { administrator: true }, ONLY_ADMINISTRATORS],
  ['makes themselves an administrator', manager, manager, { administrator: true }, ONLY_ADMINISTRATORS],
  ['renames somebody above', manager, above, { display_name: 'x' }, ABOVE],
  ['disables somebody above', manager, above, { disabled: true }, ABOVE],
  ['enables somebody above', manager, above, { disabled: false }, ABOVE],
  ['resets the password of somebody above', manager, above, { password: 'long enough' }, ABOVE],
  ['deletes somebody above', manager, above, {}, ABOVE],
  ['takes from somebody above what they hold', manager, above, { permissions: ['menu:write'] }, ABOVE],
  ['takes from somebody above what they do not hold', manager, above, { permissions: ['tags:read'] }, ABOVE],
  [
    'grants what they do not hold',
    manager,
    below,
    { permissions: ['insights:read'] },
    'you do not hold: insights:read',
  ],
  ['raises themselves', manager, manager, { permissions: [...manager.permissions, 'menu:read'] }, OWN],
  ['lowers themselves', manager, manager, { permissions: ['operators:manage'] }, OWN],
  [
    'resets their own password, which needs the old one',
    manager,
    manager,
    { password: 'long enough' },
    'PUT /login/password changes your own password',
  ],
  [
    'resets their own password as an administrator',
    root,
    root,
    { password: 'long enough' },
    'PUT /login/password changes your own password',
  ],
])('says why not when somebody %s', (_, actor, target, wanted, reason) => {
  expect(authorizeChange(actor, target, wanted)).toEqual({ ok: false, code: expect.any(String), detail: reason });
});

it('never lets a manager bring anybody to a permission they lack', () => {
  const held = new Set(manager.permissions);
  for (const permission of ALL) {
    const authorization = authorizeChange(manager, nobody, { permissions: [permission] });
    expect([permission, authorization]).toEqual([
      permission,
      held.has(permission) ? { ok: true } : { ok: false, code: 'NOT_HELD', detail: `you do not hold: ${permission}` },
    ]);
  }
});

it('lists every permission with what the asker may grant', () => {
  expect(grantableBy(root).every(({ grantable }) => grantable)).toBe(true);
  expect(grantableBy(manager).map(({ name }) => name)).toEqual(ALL);
  expect(
    grantableBy(manager)
      .filter(({ grantable }) => grantable)
      .map(({ name }) => name),
  ).toEqual(['tags:read', 'tags:write', 'operators:manage']);
});
