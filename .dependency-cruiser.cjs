/** The house's arrows: functions → http, auth, wechat, tables → config, log. See "Layout" in docs/architecture.md. */
const rule = (name, from, to) => ({ name, severity: 'error', from, to });

/** The SDK, and Hono. */
const AWS = 'node_modules/@aws-sdk/';
const HTTP = 'node_modules/hono/|^lib/http/';
const PURE = '^lib/(wechat|insights|replies|reply-rules|slow-replies)/';

module.exports = {
  forbidden: [
    rule('nothing imports a function', { path: '^(lib|local)/' }, { path: '^functions/' }),
    rule(
      'a function imports no other function',
      { path: '^functions/([^/]+)/' },
      { path: '^functions/', pathNot: ['^functions/$1/', '^functions/webhook/replies.ts$'] },
    ),
    rule('local is for the laptop', { path: '^(functions|lib)/' }, { path: '^local/' }),
    rule('tests are not shipped', { path: '^(functions|lib|local)/' }, { path: '^test/' }),
    rule(
      'what WeChat, figures and rules are is known without AWS and HTTP',
      { path: PURE },
      { path: `${AWS}|${HTTP}|^lib/(tables|auth)/`, dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'tables make no WeChat call and know no HTTP',
      { path: '^lib/tables/' },
      { path: `${HTTP}|^lib/wechat/`, dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'auth knows no HTTP, no WeChat and no tables',
      { path: '^lib/auth/' },
      { path: `${HTTP}|${AWS}|^lib/(wechat|tables)/` },
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
    rule('no circles but of types', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
