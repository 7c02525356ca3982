// A plugin of Swagger UI that shows the items of a stream as they arrive, with a button that leaves the stream. Swagger UI
// itself shows nothing before the last byte, which it still gets from here in the end.
"use strict"

/** The streams of a service, by their paths. */
class BentoStreams {
  constructor(spec, home) {
    this.runs = new Map()
    this.panels = new Map()
    this.paths = new Map()

    this.textual = new Set()

    for (const [path, { post }] of Object.entries(spec.paths ?? {})) {
      const content = post?.responses?.["200"]?.content ?? {}
      if (content["text/event-stream"]) this.paths.set(new URL(home + path).href, path)
      if (content["application/x-ndjson"]?.schema?.type === "string") this.textual.add(path)
    }

    this.plugin = (system) => this.pluginOf(system)
  }

  changed(path) {
    this.panels.get(path)?.show()
  }

  /** The latest run of a stream takes the place of the one before. */
  begin(path) {
    this.forget(path)
    const run = new Run(this.textual.has(path), () => this.changed(path))
    this.runs.set(path, run)
    this.changed(path)
    return run
  }

  forget(path) {
    this.runs.get(path)?.stop()
    this.runs.delete(path)
    this.changed(path)
  }

  intercept(request) {
    const path = this.paths.get(new URL(request.url, location.href).href)
    if (path) request.userFetch = (url, options) => this.fetch(path, url, options)
    return request
  }

  async fetch(path, url, options) {
    const run = this.begin(path)

    try {
      const response = await fetch(url, { ...options, signal: run.leave.signal })

      // Why there is no stream is told in one piece, which is still to be read: the run is left, and not stopped.
      if (!response.ok) {
        if (this.runs.get(path) === run) this.runs.delete(path)
        this.changed(path)
        return response
      }

      const { status, statusText, headers } = response
      return new Response(await run.read(response), { status, statusText, headers })
    } catch (problem) {
      run.fail(problem.message)
      throw problem
    }
  }

  pluginOf(system) {
    const { React } = system
    const element = React.createElement
    const streams = this

    class Panel extends React.Component {
      componentDidMount() {
        streams.panels.set(this.props.path, this)
      }

      componentWillUnmount() {
        streams.panels.delete(this.props.path)
        cancelAnimationFrame(this.frame)
      }

      /** However many items come at once, a frame is drawn once. */
      show() {
        cancelAnimationFrame(this.frame)
        this.frame = requestAnimationFrame(() => this.forceUpdate(() => this.follow()))
      }

      follow() {
        if (this.text) this.text.scrollTop = this.text.scrollHeight
      }

      render() {
        const run = streams.runs.get(this.props.path)
        if (!run) return null
        const stop = element("button", { type: "button", onClick: () => run.stop() }, "Stop")
        const state = { className: "bento-stream-state", role: "status", "data-state": run.state }

        return element(
          "section",
          { className: "bento-stream", "aria-label": "Stream" },
          element("header", null, element("h4", null, "As it arrives"), element("span", state, run.summary), run.state === "running" && stop),
          element("pre", { ref: (text) => (this.text = text) }, run.shown),
        )
      }
    }

    return {
      wrapComponents: {
        responses: (Original) => (props) =>
          element(React.Fragment, null, element(Panel, { path: props.path }), element(Original, props)),
        // Lines of JSON are no JSON as a whole, which Swagger UI would complain of.
        responseBody: (Original) => (props) =>
          element(Original, /ndjson/.test(props.contentType) ? { ...props, contentType: "text/plain" } : props),
      },
      statePlugins: {
        spec: {
          wrapActions: {
            clearResponse: (original) => (path, method) => {
              streams.forget(path)
              return original(path, method)
            },
          },
        },
      },
    }
  }
}
