// The house's doors: who may import from where. Checked by `npm test`.
const tests = '(\\.test\\.tsx?|\\.fixture\\.ts)$'
const engineInside = '^server/engine/(actions|store|queue|domain|checking|events)/'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one idea in two places, also where only their types do.',
      from: {},
      to: { circular: true, pathNot: '^server/generated' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.css$' },
    },
    {
      name: 'no-drawer-folders',
      severity: 'error',
      comment: 'utils, lib, helpers and common are no rooms: the thing has a name, find it.',
      from: {},
      to: { path: '/(utils|lib|helpers|common)/', pathNot: 'node_modules' },
    },
    {
      name: 'server-stands-below',
      severity: 'error',
      comment: 'Arrows run down, in tests and fixtures too: nothing of the server knows what runs on top of it.',
      from: { path: '^server/' },
      to: { path: '^(app|worker|prisma/seed|chaos|bench|e2e|examples)/' },
    },
    {
      name: 'engine-stands-below',
      severity: 'error',
      comment: 'Its tests too know nothing of the API, of sessions or of the web process.',
      from: { path: '^server/engine/' },
      to: { path: '^server/(api|auth|web)/' },
    },
    {
      name: 'worker-beside-the-api',
      severity: 'error',
      comment: 'Its tests, where they need the API, open it by what stands in testing/.',
      from: { path: '^worker/' },
      to: { path: '^server/(api|auth|web)/' },
    },
    {
      name: 'testing-knows-the-server-alone',
      severity: 'error',
      comment: 'Tests of the server import it, so through it they would reach whatever it imports.',
      from: { path: '^testing/' },
      to: { path: '^(app|worker|prisma/seed|chaos|bench|e2e|examples)/' },
    },
    {
      name: 'app-not-into-server',
      severity: 'error',
      comment:
        'Pages fetch through tRPC only: of the server they know types, sessions, the access table, the rule for numbers, the check of parameters, which of them are sensitive, the order of a schema, the check of job types and how titles are made (pure: what they show is what the server does), where a sign-in may lead to, how text of others is shown, what acts of the audit are called, the bounds of alert rules, how much there may be of something, from where on an organization stands out, why jobs wait, what an id and a name look like, how long a search has to be, and in route handlers the API.',
      from: { path: '^app/', pathNot: [tests, '^app/api/'] },
      to: {
        path: '^(server|worker|prisma)/',
        pathNot:
          '^server/(auth/(session|access|callback-url)|engine/domain/(exact-numbers|json-tokens|visible|schema-order|parameters|sensitive-schema|schema-walk|job-type-config|job-title|limits|mask|merge-patch|audit/actions|alerts/bounds|outliers|waiting-codes|uuid|name-forms|search-scripts|parameter-path))\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'route-handlers-through-the-api',
      severity: 'error',
      from: { path: '^app/api/', pathNot: tests },
      to: {
        path: '^(server|worker|prisma)/',
        pathNot: [
          '^server/(api|auth|storage|deployment)/',
          '^server/(env|logger|db)\\.ts$',
          '^server/engine/index\\.ts$',
        ],
      },
    },
    {
      name: 'engine-has-one-door',
      severity: 'error',
      comment: 'Routers and sessions call server/engine/index.ts.',
      from: { path: '^server/(api|auth)/', pathNot: tests },
      to: { path: engineInside, dependencyTypesNot: ['type-only'], pathNot: '^server/engine/domain/' },
    },
    {
      name: 'web-through-the-api',
      severity: 'error',
      from: { path: '^server/web/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|server)/',
        pathNot:
          '^server/(api|web|storage|deployment|telemetry)/|^server/(env|listening|logger|private-files|supervised)\\.m?[jt]s$',
      },
    },
    {
      name: 'telemetry-through-the-door',
      severity: 'error',
      comment:
        'What processes tell of themselves: it asks the engine by its door, and knows nothing of API and worker.',
      from: { path: '^server/telemetry/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|server)/',
        pathNot: ['^server/telemetry/', '^server/engine/index\\.ts$', '^server/(db|logger|env)\\.ts$'],
      },
    },
    {
      name: 'worker-through-the-doors',
      severity: 'error',
      from: { path: '^worker/', pathNot: [tests, '^worker/handlers/'] },
      to: {
        path: '^(server|app|prisma)/',
        pathNot: [
          '^server/engine/((index|reports)\\.ts|queue/|domain/)',
          '^server/(db|env|logger|private-files|steady-(client|listener)|supervised)\\.m?[jt]s$',
          '^server/storage/',
          '^server/(deployment|telemetry)/',
          '^server/generated/',
        ],
      },
    },
    {
      name: 'reports-stay-light',
      severity: 'error',
      comment: 'Every isolated handler has a thread that may load this door: no actions, no queue.',
      from: { path: '^server/engine/reports\\.ts$' },
      to: {
        path: '^(app|worker|prisma|launcher|chaos|testing|bench|scripts|server)/',
        pathNot: [
          '^server/engine/(store/reads|domain)/',
          '^server/engine/store/uploads\\.ts$',
          '^server/db\\.ts$',
          '^server/generated/',
        ],
      },
    },
    {
      name: 'handlers-get-everything-from-ctx',
      severity: 'error',
      from: { path: '^worker/handlers/', pathNot: tests },
      to: {
        path: '^(server|app|prisma|worker)/',
        pathNot: ['^worker/handlers/', '^worker/handler/', '^server/engine/domain/'],
      },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'No input, no output, nothing of ours: time and randomness come in as parameters.',
      from: { path: '^server/engine/domain/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|launcher|chaos|testing|bench|scripts|server)/',
        pathNot: '^server/engine/domain/',
      },
    },
    {
      name: 'store-knows-domain-and-db',
      severity: 'error',
      from: { path: '^server/engine/store/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|launcher|chaos|testing|bench|scripts|server)/',
        pathNot: ['^server/engine/(store|domain)/', '^server/db\\.ts$', '^server/generated/'],
      },
    },
    {
      name: 'actions-know-domain-store-queue',
      severity: 'error',
      from: { path: '^server/engine/actions/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|launcher|chaos|testing|bench|scripts|server)/',
        pathNot: [
          '^server/engine/(actions|store|queue|domain|checking|events)/',
          '^server/db\\.ts$',
          '^server/generated/',
        ],
      },
    },
    {
      name: 'checking-knows-domain-and-store',
      severity: 'error',
      comment: 'Its threads load the domain alone.',
      from: { path: '^server/engine/checking/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|launcher|chaos|testing|bench|scripts|server)/',
        pathNot: ['^server/engine/(checking|domain)/', '^server/engine/store/transaction\\.ts$', '^server/db\\.ts$'],
      },
    },
    {
      name: 'queue-knows-domain',
      severity: 'error',
      from: { path: '^server/engine/queue/', pathNot: tests },
      to: {
        path: '^(app|worker|prisma|launcher|chaos|testing|bench|scripts|server)/',
        pathNot: ['^server/engine/(queue|domain)/', '^server/steady-client\\.ts$'],
      },
    },
    {
      name: 'not-from-scripts',
      severity: 'error',
      from: { path: '^(app|server|worker)/', pathNot: tests },
      to: { path: '^(cli|deploy|launcher|chaos|testing|scripts|bench|e2e|client|examples)/' },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      comment:
        'It runs elsewhere, without dependencies: of the API it knows the types, in two files that the package does without.',
      from: { path: '^client/', pathNot: [tests, '^client/build/'] },
      to: { pathNot: '^client/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-knows-the-api-in-one-place',
      severity: 'error',
      from: { path: '^client/', pathNot: [tests, '^client/api\\.ts$', '^client/build/'] },
      to: { pathNot: '^client/' },
    },
    {
      name: 'examples-through-the-doors',
      severity: 'error',
      comment: 'What is shown to others must be what they may do themselves.',
      from: { path: '^examples/', pathNot: tests },
      to: {
        path: '^(app|server|worker|prisma|launcher|chaos|testing|scripts)/',
        pathNot: ['^server/engine/index\\.ts$', '^server/db\\.ts$'],
      },
    },
    {
      name: 'no-tools-at-run-time',
      severity: 'error',
      comment:
        'What production runs must be among the dependencies. A file named *.source.mjs or *.source.cjs runs only where nothing is bundled.',
      from: { path: '^(app|server|worker)/', pathNot: [tests, '\\.source\\.[cm]js$'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(server/generated|\\.next|dist|client/dist)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
