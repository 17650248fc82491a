// `npm start`: a whole kiosk without hardware, in front of which a person can stand. Where there
// was one before, its daemon starts at once, beside the loading of everything else.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Supervisor } from './supervisor.ts'

const REPO = join(import.meta.dirname, '../..')

const { values } = parseArgs({
  options: {
    /** Without the reference central: a stock MQTT client may then play it. */
    'no-central': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const supervisor = new Supervisor({
  configFile: join(REPO, 'config/demo-24.yaml'),
  ...(values.verbose ? { onLine: (line: string) => console.log(line) } : {}),
})
try {
  if (existsSync(join(REPO, '.demo/ledger.db'))) supervisor.start()
  const { setStage } = await import('./stage.ts')
  await setStage({ hasCentral: !values['no-central'], supervisor })
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  console.error(code === 'EADDRINUSE' ? `Something else uses the port: ${message}` : message)
  await supervisor.stop()
  process.exit(1)
}
