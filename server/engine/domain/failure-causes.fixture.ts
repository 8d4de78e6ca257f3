/**
 * Messages as PostgreSQL, Node.js, undici, Stripe, S3, mail servers, Zod and handlers write them. Those of one
 * cause stand together and must share a fingerprint; of two causes they must not.
 */
export interface Cause {
  /** The label under which its failures are shown, made from the first message. */
  pattern: string
  messages: string[]
  name?: string
  code?: string | number
}

export const CAUSES: Cause[] = [
  // Network, by Node.js and undici
  {
    pattern: 'connect ECONNREFUSED ‹host›',
    code: 'ECONNREFUSED',
    messages: [
      'connect ECONNREFUSED 10.0.0.1:5432',
      'connect ECONNREFUSED 192.168.7.9:80',
      'connect ECONNREFUSED ::1:5432',
      'connect ECONNREFUSED 2001:db8::8a2e:370:7334:443',
      'connect ECONNREFUSED db.acme.internal:5432',
      'connect ECONNREFUSED redis:6379',
    ],
  },
  {
    pattern: 'getaddrinfo ENOTFOUND ‹host›',
    code: 'ENOTFOUND',
    messages: [
      'getaddrinfo ENOTFOUND smtp.acme.example',
      'getaddrinfo ENOTFOUND db',
      'getaddrinfo ENOTFOUND eu-west-1.api.globex.com',
    ],
  },
  {
    pattern: 'getaddrinfo EAI_AGAIN ‹host›',
    code: 'EAI_AGAIN',
    messages: ['getaddrinfo EAI_AGAIN redis', 'getaddrinfo EAI_AGAIN api.acme.com'],
  },
  { pattern: 'read ECONNRESET', code: 'ECONNRESET', messages: ['read ECONNRESET'] },
  { pattern: 'write EPIPE', code: 'EPIPE', messages: ['write EPIPE'] },
  { pattern: 'socket hang up', code: 'ECONNRESET', messages: ['socket hang up'] },
  {
    pattern: 'fetch failed: connect ETIMEDOUT ‹host›',
    messages: ['fetch failed: connect ETIMEDOUT 203.0.113.7:443', 'fetch failed: connect ETIMEDOUT [2001:db8::1]:443'],
  },
  {
    pattern: 'fetch failed: Headers Timeout Error',
    messages: ['fetch failed: Headers Timeout Error'],
  },
  {
    pattern:
      "Hostname/IP does not match certificate's altnames: Host: ‹host›. is not in the cert's altnames: DNS:‹host›",
    messages: [
      "Hostname/IP does not match certificate's altnames: Host: api.acme.com. is not in the cert's altnames: DNS:*.globex.com",
      "Hostname/IP does not match certificate's altnames: Host: shop.initech.io. is not in the cert's altnames: DNS:edge.example.net",
    ],
  },
  {
    pattern: 'self-signed certificate in certificate chain',
    messages: ['self-signed certificate in certificate chain'],
  },
  {
    pattern: 'Request failed with status code 404',
    messages: ['Request failed with status code 404'],
  },
  {
    pattern: 'Request failed with status code 500',
    messages: ['Request failed with status code 500'],
  },
  {
    pattern: 'GET https://‹host›/orders/‹id› answered 503 Service Unavailable',
    messages: [
      'GET https://api.acme.com/orders/8812 answered 503 Service Unavailable',
      'GET https://eu.globex.io:8443/orders/ord_8Kx2?expand=lines&page=3 answered 503 Service Unavailable',
      'GET https://10.2.3.4:9000/orders/550e8400-e29b-41d4-a716-446655440000/ answered 503 Service Unavailable',
    ],
  },
  {
    pattern: 'POST https://‹host›/refunds answered 503 Service Unavailable',
    messages: ['POST https://api.acme.com/refunds answered 503 Service Unavailable'],
  },
  {
    pattern: 'The operation was aborted due to timeout',
    messages: ['The operation was aborted due to timeout'],
  },
  {
    pattern: 'timeout of ‹number› exceeded',
    messages: ['timeout of 30000ms exceeded', 'timeout of 5 s exceeded', 'timeout of 1.5 seconds exceeded'],
  },
  // PostgreSQL
  {
    pattern: 'duplicate key value violates unique constraint ‹value›',
    name: 'DatabaseError',
    code: '23505',
    messages: [
      'duplicate key value violates unique constraint "users_email_key"',
      'duplicate key value violates unique constraint "invoices_number_key"',
    ],
  },
  {
    pattern: 'insert or update on table ‹value› violates foreign key constraint ‹value›',
    name: 'DatabaseError',
    code: '23503',
    messages: ['insert or update on table "lines" violates foreign key constraint "lines_order_fkey"'],
  },
  {
    pattern: 'Key (email)=(‹value›) already exists.',
    messages: [
      'Key (email)=(ada@example.com) already exists.',
      'Key (email)=(grace.hopper+1@navy.example.mil) already exists.',
    ],
  },
  {
    pattern: 'deadlock detected: Process ‹number› waits for ShareLock on transaction ‹number›',
    code: '40P01',
    messages: [
      'deadlock detected: Process 2211 waits for ShareLock on transaction 99812',
      'deadlock detected: Process 7 waits for ShareLock on transaction 1',
    ],
  },
  {
    pattern: 'canceling statement due to statement timeout',
    code: '57014',
    messages: ['canceling statement due to statement timeout'],
  },
  {
    pattern: 'sorry, too many clients already',
    code: '53300',
    messages: ['sorry, too many clients already'],
  },
  {
    pattern: 'value too long for type character varying(‹number›)',
    code: '22001',
    messages: ['value too long for type character varying(64)', 'value too long for type character varying(255)'],
  },
  {
    pattern: 'invalid input syntax for type uuid: ‹value›',
    code: '22P02',
    messages: ['invalid input syntax for type uuid: "abc"', 'invalid input syntax for type uuid: ""'],
  },
  {
    pattern: 'password authentication failed for user ‹value›',
    code: '28P01',
    messages: ['password authentication failed for user "app"', 'password authentication failed for user "reports"'],
  },
  // Stripe
  {
    pattern: 'No such customer: ‹value›',
    name: 'StripeInvalidRequestError',
    messages: ["No such customer: 'cus_9f8AxkQ'", "No such customer: 'cus_Nffrfe'"],
  },
  {
    pattern: 'No such payment_intent: ‹value›',
    name: 'StripeInvalidRequestError',
    messages: ["No such payment_intent: 'pi_3MtwBwLkdIwHu7ix28a3tqPa'"],
  },
  {
    pattern: 'Your card was declined. Request req_id ‹id›',
    messages: [
      'Your card was declined. Request req_id req_8sJk2Lm',
      'Your card was declined. Request req_id req_kQxZpLmN',
    ],
  },
  {
    pattern: 'Charge ‹id› has already been refunded.',
    messages: [
      'Charge ch_3MmlLrLkdIwHu7ix0snN0B15 has already been refunded.',
      'Charge ch_1abcDEF has already been refunded.',
    ],
  },
  {
    pattern: 'Amount must be no more than ‹number›',
    messages: ['Amount must be no more than $999,999.99', 'Amount must be no more than €50'],
  },
  // S3
  { pattern: 'The specified key does not exist.', name: 'NoSuchKey', messages: ['The specified key does not exist.'] },
  { pattern: 'Access Denied', name: 'AccessDenied', messages: ['Access Denied'] },
  {
    pattern: 'S3 bucket ‹id› is not in region ‹id›',
    messages: ['S3 bucket reports-eu-1 is not in region eu-west-1', 'S3 bucket exports2024 is not in region us-east-2'],
  },
  {
    pattern: 'Please reduce your request rate. RequestId: ‹id›',
    name: 'SlowDown',
    messages: [
      'Please reduce your request rate. RequestId: 4442587FB7D0A2F9',
      'Please reduce your request rate. RequestId: TX234S0F24A06C7',
    ],
  },
  // Mail
  {
    pattern: '‹number› <‹email›>: Recipient address rejected: User unknown in virtual mailbox table',
    messages: [
      '550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in virtual mailbox table',
      '550 5.1.1 <no.body@mx.globex.io>: Recipient address rejected: User unknown in virtual mailbox table',
    ],
  },
  {
    pattern: '‹number› <‹email›>: Recipient address rejected: Greylisted, try again in ‹number›',
    messages: [
      '450 4.2.0 <ada@example.com>: Recipient address rejected: Greylisted, try again in 300 seconds',
      '450 4.2.0 <bob@example.org>: Recipient address rejected: Greylisted, try again in 59 seconds',
    ],
  },
  {
    pattern: 'Invalid login: ‹id› Username and Password not accepted. ‹id› - gsmtp',
    messages: [
      'Invalid login: 535-5.7.8 Username and Password not accepted. a640c23a62f3a-aa1 - gsmtp',
      'Invalid login: 535-5.7.8 Username and Password not accepted. ffacd0b85a97d-38f - gsmtp',
    ],
  },
  {
    pattern: 'mail to ‹email› bounced',
    messages: ['mail to a@example.com bounced', 'mail to someone.else@example.org bounced'],
  },
  // JSON
  {
    pattern: 'Unexpected token ‹value› is not valid JSON',
    name: 'SyntaxError',
    messages: [
      'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
      'Unexpected token \'H\', ..."lo": Hello}" is not valid JSON',
    ],
  },
  {
    pattern: 'Unexpected token ‹value› in JSON at position ‹number›',
    name: 'SyntaxError',
    messages: ['Unexpected token < in JSON at position 0', 'Unexpected token } in JSON at position 71'],
  },
  { pattern: 'Unexpected end of JSON input', name: 'SyntaxError', messages: ['Unexpected end of JSON input'] },
  // Zod
  {
    pattern: 'The data does not fit its schema: lines.‹number›.sku: Invalid input: expected string, received undefined',
    messages: [
      'The data does not fit its schema: lines.0.sku: Invalid input: expected string, received undefined',
      'The data does not fit its schema: lines.17.sku: Invalid input: expected string, received undefined',
    ],
  },
  {
    pattern:
      'The data does not fit its schema: lines.‹number›.price: Invalid input: expected string, received undefined',
    messages: ['The data does not fit its schema: lines.0.price: Invalid input: expected string, received undefined'],
  },
  {
    pattern: 'The data does not fit its schema: customer.id: Invalid input: expected string, received undefined',
    messages: ['The data does not fit its schema: customer.id: Invalid input: expected string, received undefined'],
  },
  // Node.js
  {
    pattern: 'Cannot read properties of undefined (reading ‹value›)',
    name: 'TypeError',
    messages: [
      "Cannot read properties of undefined (reading 'id')",
      "Cannot read properties of undefined (reading 'a')",
    ],
  },
  {
    pattern: 'Cannot read properties of null (reading ‹value›)',
    name: 'TypeError',
    messages: ["Cannot read properties of null (reading 'id')"],
  },
  { pattern: 'order.lines.map is not a function', name: 'TypeError', messages: ['order.lines.map is not a function'] },
  { pattern: 'order.total is not a function', name: 'TypeError', messages: ['order.total is not a function'] },
  {
    pattern: 'ENOENT: no such file or directory, open ‹value›',
    code: 'ENOENT',
    messages: [
      "ENOENT: no such file or directory, open '/data/acme/report.csv'",
      "ENOENT: no such file or directory, open 'C:\\exports\\7.csv'",
    ],
  },
  {
    pattern: 'ENOSPC: no space left on device, write',
    code: 'ENOSPC',
    messages: ['ENOSPC: no space left on device, write'],
  },
  { pattern: 'EMFILE: too many open files', code: 'EMFILE', messages: ['EMFILE: too many open files'] },
  { pattern: 'Invalid string length', name: 'RangeError', messages: ['Invalid string length'] },
  { pattern: 'ERR_HTTP2_STREAM_CANCEL', messages: ['ERR_HTTP2_STREAM_CANCEL'] },
  { pattern: 'ERR_HTTP2_GOAWAY_SESSION', messages: ['ERR_HTTP2_GOAWAY_SESSION'] },
  {
    pattern: 'Heap at ‹number› of ‹number› after ‹number›',
    messages: ['Heap at 512 MB of 1.5 GiB after 20s', 'Heap at 4,096 kB of 2 GB after 300 ms'],
  },
  // Jobyard's own
  {
    pattern: 'It waited for job ‹id›, which did not complete',
    messages: [
      'It waited for job 0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f, which did not complete',
      'It waited for job 0197f1c2-ffff-7c54-9a51-aaaaaaaaaaaa, which did not complete',
    ],
  },
  { pattern: 'worker lost ‹number› times', messages: ['worker lost 3 times', 'worker lost 12 times'] },
  { pattern: 'submitter no longer permitted', messages: ['submitter no longer permitted'] },
  {
    pattern: 'The handler took longer than ‹number›',
    messages: ['The handler took longer than 300 s', 'The handler took longer than 3,600 s'],
  },
  // Handlers'
  {
    pattern: 'Order ‹number› not found',
    messages: ['Order 17 not found', 'Order 18234 not found', 'Order #4711 not found'],
  },
  { pattern: 'Customer ‹number› not found', messages: ['Customer 17 not found'] },
  { pattern: 'Order ‹number› not paid', messages: ['Order 17 not paid'] },
  {
    pattern: 'Order ‹id› was shipped already',
    messages: [
      'Order ord_8Kx2 was shipped already',
      'Order INV-2024-000123 was shipped already',
      'Order 01HQZX3V9K8M2N4P6R7S8T9V0W was shipped already',
      'Order deadbeef was shipped already',
      'Order V1StGXR8_Z5jdHi6B-myT was shipped already',
      'Order 0xff12 was shipped already',
    ],
  },
  {
    pattern: 'commit ‹id› is not an ancestor',
    messages: [
      'commit a1b2c3d is not an ancestor',
      'commit deadbeefcafe is not an ancestor',
      'commit 0123456789ab is not an ancestor',
    ],
  },
  {
    pattern: 'no such file: ‹path›',
    messages: ['no such file: /data/a/x.csv', 'no such file: /data/b/c/yy.csv', 'no such file: globex-may.csv'],
  },
  {
    pattern: 'The export since ‹time› is empty',
    messages: [
      'The export since 2026-01-31T12:00:00.123Z is empty',
      'The export since 2025-12-01 is empty',
      'The export since Mon, 05 Jan 2026 08:00:00 GMT is empty',
      'The export since Fri Jan 30 2026 12:00:00 GMT+0000 (Coordinated Universal Time) is empty',
      'The export since Jan 5, 2026 is empty',
      'The export since 09:30 PM is empty',
      'The export since 31.12.2025 is empty',
    ],
  },
  { pattern: 'sum ‹number› is off', messages: ['sum -1.5 is off', 'sum 2,000.25 is off', 'sum 17 is off'] },
  { pattern: 'expected ‹number› row', messages: ['expected 1 row'] },
  { pattern: 'expected ‹number› columns', messages: ['expected 2 columns'] },
  {
    pattern: 'Rows ‹number› of ‹path› are refused',
    messages: ['Rows 3, 17 and 29 of may.csv are refused', 'Rows 8, 9 of june.xlsx are refused'],
  },
  {
    pattern: 'tenant ‹value› has no plan; retry in ‹number›',
    messages: ['tenant "Acme" has no plan; retry in 3 minutes', 'tenant “Globex” has no plan; retry in 40 s'],
  },
  { pattern: "can't open, won't close", messages: ["can't open, won't close"] },
  {
    pattern: 'The answer is no valid UTF-8 over HTTP/2 with TLSv1.3',
    messages: ['The answer is no valid UTF-8 over HTTP/2 with TLSv1.3'],
  },
  {
    pattern: 'No worker knows its handler sample.work',
    messages: ['No worker knows its handler sample.work'],
  },
  {
    pattern: 'PrismaClientKnownRequestError in createOrder',
    messages: ['PrismaClientKnownRequestError in createOrder'],
  },
]
