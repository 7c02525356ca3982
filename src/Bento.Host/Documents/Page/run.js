// One request for a stream: what arrives is taken apart and told of, piece by piece.
"use strict"

/** More text than this at once helps nobody, and makes a browser slow. */
const mostShown = 200_000

const abbreviated = (text) => (text.length <= mostShown ? text : "…" + text.slice(-mostShown))

/** Calls `take` with each whole line of the text that it is given in pieces. */
function lines(take) {
  let rest = ""

  return (piece) => {
    const whole = (rest + piece).split("\n")
    rest = whole.pop()
    for (const line of whole) take(line.replace(/\r$/, ""))
  }
}

/** What a problem says to a person. */
function detailOf(problem) {
  try {
    return JSON.parse(problem).detail ?? problem
  } catch {
    return problem
  }
}

/** For each framing, what takes the text that arrives and tells `run` of its items. */
const framings = {
  "text/event-stream": (run) => {
    let event = ""
    let data = []

    return lines((line) => {
      if (line === "") {
        const text = data.join("\n")
        if (event === "error") run.fail(detailOf(text))
        else if (event !== "end" && data.length > 0) run.add(text)
        event = ""
        data = []
      } else if (line.startsWith("event:")) event = line.slice(6).trim()
      else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""))
    })
  },
  "application/x-ndjson": (run) =>
    lines((line) => {
      const item = run.isText && line !== "" ? JSON.parse(line) : line
      // Among texts the one thing that is none is what went wrong.
      if (typeof item !== "string") run.fail(item?.error?.detail ?? line)
      else if (line !== "") run.add(item)
    }),
}

/** Text without a framing: pieces as they come. */
const plain = (run) => (piece) => run.show(piece)

/** What has come of a request for a stream; calls `changed` with each change. Items that are texts run on as one text. */
class Run {
  constructor(isText, changed) {
    this.isText = isText
    this.changed = changed
    this.leave = new AbortController()
    this.began = performance.now()
    this.state = "running"
    this.count = 0
    this.shown = ""
    this.reason = ""
  }

  add(item) {
    this.show(this.isText ? item : item + "\n")
  }

  show(text) {
    this.count++
    this.shown = abbreviated(this.shown + text)
    this.changed()
  }

  fail(reason) {
    this.end("failed", reason)
  }

  /** The first end is the true one. */
  end(state, reason = "") {
    if (this.state !== "running") return
    this.seconds = (performance.now() - this.began) / 1000
    this.state = state
    this.reason = reason
    this.changed()
  }

  stop() {
    this.end("stopped")
    this.leave.abort()
  }

  get summary() {
    const pieces = this.count === 1 ? "1 piece" : `${this.count} pieces`
    if (this.state === "running") return `${pieces} so far`
    const whole = `${pieces} in ${this.seconds.toFixed(1)} s`
    return this.state === "ended" ? `ended: ${whole}` : `${this.state} after ${whole}${this.reason && ": " + this.reason}`
  }

  /** Reads a body to its end; gives its text, as far as it came. */
  async read(response) {
    const mediaType = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase()
    const take = (framings[mediaType] ?? plain)(this)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let raw = ""

    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        raw = abbreviated(raw + value)
        take(value)
      }

      this.end("ended")
    } catch (problem) {
      this.fail(problem.message)
    }

    return raw
  }
}
