// Drives a headless Chromium, one command a line of JSON: ["open", "http://…"] and the like. Each is answered by a line:
// {"value": …}, or {"error": …}. Whatever pages ask for, and whatever goes wrong in them, is kept for ["report"].
const [home, executablePath, patience] = process.argv.slice(2)
const { chromium } = require(require.resolve("playwright-core", { paths: [home] }))

const report = { requests: [], failures: [], complaints: [] }

const start = async () => {
  const browser = await chromium.launch({
    executablePath,
    args: [
      // A container's only user is root, whom Chromium trusts with no sandbox.
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
      // Whatever the browser itself would ask for is nowhere.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  })

  const context = await browser.newContext({ viewport: { width: 1200, height: 1000 } })
  context.setDefaultTimeout(Number(patience))
  context.on("request", (request) => report.requests.push(request.url()))
  context.on("requestfailed", (request) => report.failures.push(`${request.url()} ${request.failure().errorText}`))
  context.on("serviceworker", (worker) => report.requests.push(worker.url()))
  const page = await context.newPage()
  page.on("websocket", (socket) => report.requests.push(socket.url()))
  page.on("pageerror", (error) => report.complaints.push(`uncaught: ${error.message}`))
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) report.complaints.push(`${message.type()}: ${message.text()}`)
  })
  return { browser, page }
}

const commands = {
  open: async ({ page }, url) => {
    await page.goto(url)
    // Each text that an element shows is kept with it, however soon the next one comes.
    await page.evaluate(() => {
      const keep = () => {
        for (const element of document.querySelectorAll("pre")) {
          element.seen ??= []
          if (element.seen.at(-1) !== element.textContent) element.seen.push(element.textContent)
        }
      }
      new MutationObserver(keep).observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    return page.title()
  },
  click: ({ page }, selector) => page.locator(selector).first().click(),
  fill: ({ page }, selector, text) => page.locator(selector).first().fill(text),
  choose: ({ page }, selector, value) => page.locator(selector).first().selectOption(value),
  upload: ({ page }, selector, file) => page.locator(selector).first().setInputFiles(file),
  text: ({ page }, selector) => page.locator(selector).first().textContent(),
  /** Every text that a `pre` has shown, once another element is there. */
  watch: async ({ page }, selector, until) => {
    await page.locator(until).first().waitFor({ state: "attached" })
    return page.locator(selector).first().evaluate((element) => element.seen)
  },
  picture: async ({ page }, file) => {
    await page.screenshot({ path: file, fullPage: true })
    return file
  },
  report: () => report,
}

const main = async () => {
  const started = await start()
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const [name, ...given] = JSON.parse(line)
    const answer = await Promise.resolve(commands[name](started, ...given)).then(
      (value) => ({ value: value ?? null }),
      (error) => ({ error: error.message }),
    )
    process.stdout.write(JSON.stringify(answer) + "\n")
  }
  await started.browser.close()
}

main()
