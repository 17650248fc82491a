// Builds the kiosk's page into dist/web, and the page of the simulated wall into dist/web/wall,
// which the kiosk itself never serves.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite'
import { LANGUAGES } from '../languages.ts'
import { OUT_OF_SERVICE_FILE } from '../page.ts'

const REPO = fileURLToPath(new URL('../../../', import.meta.url))
const TEXTS = fileURLToPath(new URL('./texts', import.meta.url))

function pageOf(options: { root: string; file: string; outDir: string }): InlineConfig {
  return {
    root: options.root,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: options.outDir,
      emptyOutDir: true,
      target: 'es2024',
      sourcemap: false,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: `${options.root}/${options.file}` },
    },
  }
}

/**
 * Puts what the page says without a script beside it, in every language: the server writes those of
 * the kiosk's usual one into the page.
 */
const textsBeside: Plugin = {
  name: 'texts-beside',
  generateBundle() {
    const source = JSON.stringify(
      Object.fromEntries(LANGUAGES.map(({ code }) => [code, outOfServiceTexts(code)])),
    )
    this.emitFile({ type: 'asset', fileName: OUT_OF_SERVICE_FILE, source })
  },
}

function outOfServiceTexts(code: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = JSON.parse(readFileSync(`${TEXTS}/${code}.json`, 'utf8'))
  const entries = Object.entries(texts).filter(([key]) => key.startsWith('out-of-service.'))
  return Object.fromEntries(entries)
}

function wallToo(): Plugin {
  let outDir = ''
  return {
    name: 'wall-too',
    apply: 'build',
    configResolved: (config) => {
      outDir = resolve(config.root, config.build.outDir, 'wall')
    },
    closeBundle: async () => {
      const page = pageOf({ root: `${REPO}sim/wall/web`, file: 'wall.html', outDir })
      await build({ ...page, configFile: false, logLevel: 'warn' })
    },
  }
}

export default defineConfig({
  ...pageOf({ root: `${REPO}src/screen/web`, file: 'index.html', outDir: `${REPO}dist/web` }),
  plugins: [textsBeside, wallToo()],
})
