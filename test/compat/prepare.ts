import { installHeroku } from './install.ts'

// Before the tests rather than in them: they run side by side, and two installations at once break one another.
await installHeroku()
