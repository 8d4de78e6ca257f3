import { describe, expect, it } from 'vitest'
import { passwordProblem } from './password-rules'

const email = 'ada.okafor@acme.example'

describe('a new password', () => {
  it.each([
    'correct horse battery',
    'tr0ubadour&3x',
    'Straßenbahn im März',
    '🐢🐇🦔 run at dawn',
    'password manager made k7#Qz',
  ])('a new password may be "%s"', (password) => {
    expect(passwordProblem(password, email)).toBeNull()
  })

  it.each([
    ['elevenchars', /at least 12/],
    ['🐢🐢🐢🐢🐢🐢', /at least 12/],
    [`${'abcdefgh'.repeat(9)}i`, /at most 72 bytes/],
    ['äöüßéèêñçàìòùâîôûëïÿœæåøþðłżśäöü1234567890', /at most 72 bytes/],
    ['aaaaaaaaaaaaaaaa', /5 different/],
    ['password1234', /easy to guess/],
    ['Passwordpassword1!', /easy to guess/],
    ['qwertyuiop123456', /easy to guess/],
    ['ada.okafor2026', /easy to guess/],
    [email, /easy to guess/],
  ])('a new password may not be "%s"', (password, why) => {
    expect(passwordProblem(password, email) ?? 'fine').toMatch(why)
  })
})
