/** The house's arrows: functions → lib/http → lib/<domain> → lib/platform. See "Layout" in docs/architecture.md. */
const rule = (name, from, to) => ({ name, severity: 'error', from, to });

/** The SDK and what stands on it; Hono and what stands on it. */
const AWS = 'node_modules/@aws-sdk/|^lib/aws/';
const HTTP = 'node_modules/hono/|^lib/http/';
const DOMAIN = '^lib/(interactions|insights|replies|slow-replies|operators)/';
const values = { dependencyTypesNot: ['type-only'] };

module.exports = {
  forbidden: [
    rule('nothing imports a function', { path: '^(lib|local|commands)/' }, { path: '^functions/' }),
    rule(
      'a function imports no other function',
      { path: '^functions/([^/]+)/' },
      { path: '^functions/', pathNot: ['^functions/$1/', '^functions/webhook/replies.ts$'] },
    ),
    rule('local and commands are not deployed', { path: '^(functions|lib)/' }, { path: '^(local|commands)/' }),
    rule('local runs no command', { path: '^local/' }, { path: '^commands/' }),
    rule('tests are not shipped', { path: '^(functions|lib|local|commands)/' }, { path: '^test/' }),
    rule('the platform stands on nothing', { path: '^lib/platform/' }, { path: '^lib/(?!platform/)' }),
    rule('access to AWS knows no domain', { path: '^lib/aws/' }, { path: '^lib/(?!aws/|platform/)' }),
    rule(
      'WeChat is known without AWS, HTTP and the domain; its API for the configured account alone knows AWS',
      { path: '^lib/wechat/', pathNot: '^lib/wechat/(account|access-token-function).ts$' },
      { path: `${AWS}|${HTTP}|^lib/(tables|interactions|insights|replies|slow-replies|operators)/` },
    ),
    rule('the domain owns its types and knows no HTTP', { path: DOMAIN }, { path: `${AWS}|${HTTP}` }),
    rule('the domain is handed its tables', { path: DOMAIN }, { path: '^lib/tables/', ...values }),
    rule(
      'tables make no WeChat call and know no HTTP',
      { path: '^lib/tables/' },
      { path: `${HTTP}|^lib/wechat/api/`, ...values },
    ),
    rule(
      'the contract is for browsers, too',
      { path: '^lib/contract/' },
      {
        reachable: true,
        path: `${AWS}|${HTTP}|^(node:)?(crypto|fs|path|buffer|timers|util|events)\\b|^lib/(tables|http)/`,
      },
    ),
    rule(
      'the server writes interactions and never reads history',
      { path: '^functions/(webhook|slow-replies)/' },
      { path: '^lib/tables/interactions/history' },
    ),
    rule(
      'the back office reads history and never records',
      {
        path: '^(functions|lib)/',
        pathNot: '^(functions/(webhook|slow-replies)/|lib/slow-replies/|lib/tables/interactions/record)',
      },
      { path: '^lib/tables/interactions/record' },
    ),
    rule('no circles', {}, { circular: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
