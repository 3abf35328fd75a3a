/** The house's arrows: functions → http, auth, wechat, tables → config, log. See "Layout" in the README. */
const may = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    may('nothing imports a function', '^(lib|local)/', '^functions/'),
    {
      ...may('a function imports no other function', '^functions/([^/]+)/', '^functions/'),
      to: { path: '^functions/', pathNot: ['^functions/$1/', '^functions/webhook/replies.ts$'] },
    },
    may('local is for the laptop', '^(functions|lib)/', '^local/'),
    may('tests are not shipped', '^(functions|lib|local)/', '^test/'),
    {
      ...may(
        'wechat knows no tables, no HTTP, no AWS',
        '^lib/wechat/',
        '^(lib/(tables|http|auth)/|node_modules/(@aws|hono))',
      ),
      to: { path: '^(lib/(tables|http|auth)/|node_modules/(@aws|hono))', dependencyTypesNot: ['type-only'] },
    },
    {
      ...may('tables know no WeChat, no HTTP', '^lib/tables/', '^(lib/(wechat|http|auth)/|node_modules/hono)'),
      to: { path: '^(lib/(wechat|http|auth)/|node_modules/hono)', dependencyTypesNot: ['type-only'] },
    },
    may('auth knows no HTTP', '^lib/auth/', '^(lib/(http|wechat)/|node_modules/hono)'),
    may(
      'the server writes interactions, it never reads history',
      '^functions/webhook/',
      '^lib/tables/interactions/history',
    ),
    {
      ...may('only the server records', '^(?!functions/(webhook|answers)/)', 'x'),
      from: { path: '^(functions|lib)/', pathNot: '^(functions/(webhook|answers)/|lib/tables/interactions/record)' },
      to: { path: '^lib/tables/interactions/record' },
    },
    {
      name: 'no circles but of types',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
