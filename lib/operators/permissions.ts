/** The permissions. Types, checks, the API's list and the documentation's table derive from them. */
export const PERMISSIONS = {
  'menu:read': 'read the custom menu',
  'menu:write': 'replace and delete the custom menu',
  'tags:read': 'list tags',
  'tags:write': 'create, rename and delete tags',
  'user-tags:read': "list a tag's followers and a follower's tags",
  'user-tags:write': 'tag and untag followers',
  'remark:write': 'set the remark of a follower',
  'interactions:read': 'read the history of interactions',
  'interactions:reply': 'send messages to followers',
  'insights:read': "read reports of the followers' behaviour",
  'reply-rules:read': 'read the reply rules and try them',
  'reply-rules:write': 'change the reply rules',
  'operators:manage': 'manage operators who hold no more than oneself',
} as const;

export type Permission = keyof typeof PERMISSIONS;

/** A back-office account as the guard reads it for every request. */
export type Operator = {
  readonly username: string;
  readonly display_name: string;
  readonly administrator: boolean;
  readonly permissions: readonly Permission[];
  /** True if another operator chose the password: it must be changed before anything else. */
  readonly must_change_password: boolean;
};

/** An administrator holds every permission. */
export const holds = (operator: Operator, permission: Permission): boolean =>
  operator.administrator || operator.permissions.includes(permission);
