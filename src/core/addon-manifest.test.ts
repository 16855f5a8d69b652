import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseManifest } from './addon-manifest.ts'

const PASSWORD = 'GqAGAmdrnkDFcvR9'
const SALT = '7CwqmJLEjv8YZTXK'

const API = {
  config_vars_prefix: 'ERRORBUCKET',
  config_vars: ['ERRORBUCKET_URL'],
  password: PASSWORD,
  sso_salt: SALT,
  regions: ['us', 'eu'],
  requires: ['log_input'],
  production: {
    base_url: 'https://errorbucket.example.com/heroku/resources',
    sso_url: 'https://errorbucket.example.com/sso/login',
  },
  version: '3',
}

/** As the documentation has it. */
const EXAMPLE = { id: 'errorbucket', name: 'Errorbucket', cli_plugin_name: 'heroku-errorbucket', api: API }

function withApi(changes: Readonly<Record<string, unknown>>): unknown {
  return { ...EXAMPLE, api: { ...API, ...changes } }
}

function withUrl(base_url: unknown): unknown {
  return withApi({ production: { base_url } })
}

describe('an add-on manifest', () => {
  it('of the documentation is read', () => {
    const { service, manifest } = parseManifest(EXAMPLE)
    assert.deepEqual(service, {
      name: 'errorbucket',
      aliases: [],
      humanName: 'Errorbucket',
      prefix: 'ERRORBUCKET',
      furtherPrefix: 'ERRORBUCKET',
      configVars: ['ERRORBUCKET_URL'],
      plans: [{ name: 'test', humanName: 'Test', description: '', cents: 0 }],
      supportsSharing: false,
      planAliases: {},
    })
    const { password, ssoSalt, ...open } = manifest
    assert.equal(password.reveal(), PASSWORD)
    assert.equal(ssoSalt?.reveal(), SALT)
    assert.deepEqual(open, {
      id: 'errorbucket',
      regions: ['us', 'eu'],
      requires: ['log_input'],
      baseUrl: 'https://errorbucket.example.com/heroku/resources',
      ssoUrl: 'https://errorbucket.example.com/sso/login',
    })
  })

  it('may be as short as this', () => {
    const { service, manifest } = parseManifest({
      id: 'fast-db',
      api: { password: 'p', regions: ['*'], production: 'https://fast.example.com' },
    })
    assert.equal(service.humanName, 'fast-db')
    assert.equal(service.prefix, 'FAST_DB')
    assert.deepEqual(service.configVars, [])
    assert.equal(manifest.baseUrl, 'https://fast.example.com/heroku/resources')
    assert.equal(manifest.ssoUrl, null)
    assert.equal(manifest.ssoSalt, null)
  })

  it('has its prefix from its id, with underscores for dashes', () => {
    const { config_vars_prefix: _, ...api } = { ...API, config_vars: ['MY_2ND_DB_URL', 'MY_2ND_DB_KEY'] }
    const { service } = parseManifest({ id: 'my-2nd-db', api })
    assert.equal(service.prefix, 'MY_2ND_DB')
    assert.deepEqual(service.configVars, ['MY_2ND_DB_URL', 'MY_2ND_DB_KEY'])
  })

  it('says with `attachable` that its add-ons may be shared', () => {
    const { service } = parseManifest(withApi({ requires: ['many_per_app', 'attachable'] }))
    assert.equal(service.supportsSharing, true)
  })

  it('has plans of its own, the first of them the default', () => {
    const plans = [
      { name: 'basic' },
      { name: 'gold', human_name: 'Gold', description: 'Shines.', price_cents: 900 },
    ]
    assert.deepEqual(parseManifest({ ...EXAMPLE, plans }).service.plans, [
      { name: 'basic', humanName: 'basic', description: '', cents: 0 },
      { name: 'gold', humanName: 'Gold', description: 'Shines.', cents: 900 },
    ])
  })

  for (const [given, base] of [
    ['https://a.example.com', 'https://a.example.com/heroku/resources'],
    ['https://a.example.com/', 'https://a.example.com/heroku/resources'],
    ['https://a.example.com:8443/x/', 'https://a.example.com:8443/x'],
    ['https://A.example.com/heroku/resources', 'https://a.example.com/heroku/resources'],
    ['http://localhost:5000', 'http://localhost:5000/heroku/resources'],
    ['http://127.0.0.1:5000/r', 'http://127.0.0.1:5000/r'],
  ] as const) {
    it(`reaches ${given}`, () => {
      assert.equal(parseManifest(withUrl(given)).manifest.baseUrl, base)
      assert.equal(parseManifest(withApi({ production: given })).manifest.baseUrl, base)
    })
  }

  for (const [what, json, sentence] of [
    ['nothing', null, /the manifest must be a JSON object/],
    ['no id', { api: API }, /: id is missing/],
    ['an id in capitals', { ...EXAMPLE, id: 'Bucket' }, /: id is "Bucket"; expected at most 40 lower-case/],
    ['an id that begins with a digit', { ...EXAMPLE, id: '1st' }, /: id is "1st"/],
    ['an id with a colon', { ...EXAMPLE, id: 'a:b' }, /: id is "a:b"/],
    ['an endless id', { ...EXAMPLE, id: 'a'.repeat(41) }, /: id is "a+"; expected at most 40/],
    ['no api', { id: 'a' }, /: api is missing/],
    ['a password over two lines', withApi({ password: `${PASSWORD}\n` }), /: api\.password has a control/],
    [
      'sso_url without a salt',
      withApi({ sso_salt: undefined }),
      /: api\.sso_salt is missing\. api\.production\.sso_url/,
    ],
    ['no regions', withApi({ regions: undefined }), /: api\.regions is missing; expected a list/],
    ['an empty list of regions', withApi({ regions: [] }), /: api\.regions is empty/],
    [
      'an unknown region',
      withApi({ regions: ['us', 'mars'] }),
      /: api\.regions\[1\] is "mars", which is no region/,
    ],
    ['vars that are no list', withApi({ config_vars: {} }), /: api\.config_vars must be a list of strings/],
    [
      'a var in lower case',
      withApi({ config_vars: ['ERRORBUCKET_url'] }),
      /: api\.config_vars\[0\] is "ERRORBUCKET_url"/,
    ],
    [
      'a var without the prefix',
      withApi({ config_vars: ['ERRORBUCKET_A', 'OTHER_URL'] }),
      /\[1\] is OTHER_URL, but must begin with ERRORBUCKET_/,
    ],
    [
      'a var twice',
      withApi({ config_vars: ['ERRORBUCKET_A', 'ERRORBUCKET_A'] }),
      /\[1\] is ERRORBUCKET_A, which is there twice/,
    ],
    [
      'a prefix in lower case',
      withApi({ config_vars_prefix: 'bucket' }),
      /: api\.config_vars_prefix is "bucket"/,
    ],
    [
      'a prefix of the platform',
      withApi({ config_vars_prefix: 'HEROKU_DB' }),
      /: api\.config_vars_prefix is HEROKU_DB, but/,
    ],
    [
      'an id that makes such a prefix',
      { id: 'tidemark', api: { ...API, config_vars_prefix: undefined } },
      /config_vars_prefix is TIDEMARK/,
    ],
    ['another version', withApi({ version: '1' }), /: api\.version must be "3"/],
    ['no production', withApi({ production: undefined }), /: api\.production is missing/],
    ['no address', withUrl('errorbucket'), /: api\.production\.base_url must be an https address/],
    [
      'http as plain string',
      withApi({ production: 'http://example.com' }),
      /: api\.production must begin with https/,
    ],
    ['a query', withUrl('https://example.com/r?a=1'), /base_url must have no query/],
    [
      'http sso_url',
      withApi({ production: { ...API.production, sso_url: 'http://example.com' } }),
      /: api\.production\.sso_url must begin with https/,
    ],
    ['no plans', { ...EXAMPLE, plans: [] }, /: plans must be a list with at least one plan/],
    ['a plan with a colon', { ...EXAMPLE, plans: [{ name: 'a:b' }] }, /: plans\[0\]\.name is "a:b"/],
    [
      'a plan twice',
      { ...EXAMPLE, plans: [{ name: 'a' }, { name: 'a' }] },
      /: plans\[1\]\.name is a, which is there twice/,
    ],
    [
      'half a cent',
      { ...EXAMPLE, plans: [{ name: 'a', price_cents: 0.5 }] },
      /: plans\[0\]\.price_cents must be a whole number/,
    ],
    [
      'money back',
      { ...EXAMPLE, plans: [{ name: 'a', price_cents: -1 }] },
      /: plans\[0\]\.price_cents must be/,
    ],
    [
      'a price in words',
      { ...EXAMPLE, plans: [{ name: 'a', price_cents: '9' }] },
      /: plans\[0\]\.price_cents must be/,
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => parseManifest(json),
        (error: Error & { id?: string }) => {
          assert.equal(error.id, 'invalid_params')
          assert.match(error.message, sentence)
          assert.match(error.message, /^Add-on manifest: /)
          for (const secret of [PASSWORD, SALT]) assert.ok(!error.message.includes(secret), error.message)
          return true
        },
      )
    })
  }

  it('prints no secret', () => {
    assert.doesNotMatch(JSON.stringify(parseManifest(EXAMPLE)), new RegExp(`${PASSWORD}|${SALT}`))
  })

  it('is read, or refused in a sentence, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (whole, api, field) => {
        for (const json of [
          whole,
          withApi({}),
          { ...EXAMPLE, api },
          { ...EXAMPLE, plans: field },
          ...Object.keys(API).map(name => withApi({ [name]: field })),
        ]) {
          try {
            parseManifest(json)
          } catch (error) {
            assert.equal((error as { id?: string }).id, 'invalid_params', String(error))
          }
        }
      }),
    )
  })

  it('that is read declares only vars that begin with its prefix', () => {
    const name = fc.stringMatching(/^[A-Z_0-9a]{1,12}$/).map(end => `AB_${end}`)
    fc.assert(
      fc.property(fc.stringMatching(/^[A-C_]{1,3}$/), fc.array(name, { maxLength: 3 }), (prefix, vars) => {
        const json = withApi({ config_vars_prefix: prefix, config_vars: vars })
        const fits = new RegExp(`^${prefix}_[A-Z0-9_]+$`)
        const isGood =
          /^[A-Z]/.test(prefix) && vars.every(each => fits.test(each)) && new Set(vars).size === vars.length
        if (!isGood) assert.throws(() => parseManifest(json), { id: 'invalid_params' })
        else assert.deepEqual(parseManifest(json).service.configVars, vars)
      }),
    )
  })
})
