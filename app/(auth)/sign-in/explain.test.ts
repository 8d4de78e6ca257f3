import { expect, it } from 'vitest'
import { explain } from './explain'

it('somebody whose sign-in got no answer is not told that the password is wrong, nor that the provider failed', () => {
  const general = 'Signing in did not work. Try again in a moment.'
  expect(explain('NotAnswered', 503)).toBe(general)
  expect(explain('NotAnswered')).toBe(general)
})

it('each known failure of a sign-in has its sentence, and no text from the address is shown', () => {
  expect(explain(null)).toBeNull()
  expect(explain('CredentialsSignin', 401)).toBe('Email or password is wrong.')
  expect(explain('TooManyAttempts.42', 429)).toBe('Too many attempts; try again in 42 s.')
  expect(explain('TooManyAttempts.300')).toBe('Too many attempts; try again in 5 minutes.')
  expect(explain('NOT_INVITED')).toMatch(/no invitation/)
  for (const strange of ['<b>Call +1 555</b>', 'constructor', '__proto__', 'TooManyAttempts.999999999'])
    expect(explain(strange)).toBe('Signing in did not work. Try again in a moment.')
})
