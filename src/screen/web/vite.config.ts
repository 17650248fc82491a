// Builds the kiosk's page into dist/web, and the page of the simulated wall into dist/web/wall,
// which the kiosk itself never serves.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite'

const REPO = fileURLToPath(new URL('../../../', import.meta.url))
const TEXTS = fileURLToPath(new URL('./texts/en.json', import.meta.url))

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

/** Writes sentences of the language file into the page: the out-of-service text needs no script. */
const textsInHtml: Plugin = {
  name: 'texts-in-html',
  transformIndexHtml: (html) => {
    const texts = JSON.parse(readFileSync(TEXTS, 'utf8')) as Record<string, string>
    return html.replace(/\{\{text:([\w.-]+)\}\}/g, (_all, key: string) => {
      const text = texts[key]
      if (text === undefined) throw new Error(`There is no text "${key}".`)
      return text
    })
  },
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
  plugins: [textsInHtml, wallToo()],
})
