import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseAllowList } from '../../server/engine/domain/destination'
import { secretOf } from '../../worker/handlers/http/signature'
import { inRoot } from './paths.mjs'
import { checkAllowList } from './settings.mjs'

test.each([
  'billing.internal', '*.svc.local:8080', 'localhost', 'localhost:1', '10.1.0.0/16', '127.0.0.1', '127.0.0.1:65535', '::1', '[::1]', '[::1]:4000', 'fd00::/8', 'a_b.c-d', 'A.Example', 'a1', '1a.b2',
  '10.0.0.0/33', '10.0.0/8', '10.0.0.0/', '10.0.0.0/x', 'fd00::/129', '127.1', '1.2.3.4.5', '300.1.1.1', 'http://a.example', 'a.example:0', 'a.example:70000', '*', '*.*.a', 'a..b', '[::1', '::1]:3', 'ä.example',
  '[a.example]', 'a/8', '7', '', 'a, b 10.0.0.0/8', 'a, 10.0.0.0/99',
])('before the packages are there and after, the allow list is read alike: %j', (text) => {
  /** @param {(text: string) => unknown} read */
  const takes = (read) => {
    try {
      read(text)
      return true
    } catch {
      return false
    }
  }
  expect(takes(checkAllowList)).toBe(takes(parseAllowList))
})

test('what is printed for a service is what its requests are signed with', () => {
  const secret = 'a-secret-for-tests-of-http-request-0123456789'
  const print = (/** @type {string} */ address) =>
    execFileSync(process.execPath, [inRoot('scripts/http-secret.mjs'), address], { env: { ...process.env, HTTP_REQUEST_SECRET: secret }, encoding: 'utf8' }).trim()
  expect(print('https://billing.example.com/jobs/invoice?x=1')).toBe(secretOf(secret, 'https://billing.example.com'))
  expect(print('HTTP://127.0.0.1:8080')).toBe(secretOf(secret, 'http://127.0.0.1:8080'))
  expect(print('https://other.example.com')).not.toBe(print('https://billing.example.com'))
})
