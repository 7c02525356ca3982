// Starts Swagger UI on the document of the service that this page came from.
"use strict"

const main = document.getElementById("page")

// Behind a proxy that moves the service, only the browser knows where it is.
const home = new URL(".", location.href).href.replace(/\/$/, "")

async function readDocument() {
  const response = await fetch("docs.json", { headers: { accept: "application/json" } })
  if (!response.ok) throw new Error(`docs.json was answered with ${response.status}`)
  return response.json()
}

/** Takes away what is the same for every endpoint: the id of a request, and what a refusal looks like. docs.json has it. */
function shorten(spec) {
  for (const refusal of Object.values(spec.components?.responses ?? {})) {
    delete refusal.content
    delete refusal.headers
  }

  for (const { post } of Object.values(spec.paths)) {
    if (!post) continue
    post.parameters = post.parameters?.filter((one) => one.$ref !== "#/components/parameters/RequestId")
    delete post.responses?.["200"]?.headers
  }
}

function show(spec) {
  shorten(spec)
  spec.servers = [{ url: home }]
  const streams = new BentoStreams(spec, home)

  SwaggerUIBundle({
    spec,
    domNode: main,
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [streams.plugin],
    requestInterceptor: (request) => streams.intercept(request),
    layout: "BaseLayout",
    deepLinking: true,
    displayRequestDuration: true,
    // The one schema of its own that a document has is that of a problem.
    defaultModelsExpandDepth: -1,
    tryItOutEnabled: true,
    // Swagger UI would ask a host of its makers whether the document is valid.
    validatorUrl: null,
  })
}

readDocument()
  .then(show)
  .catch((problem) => {
    const notice = document.createElement("p")
    notice.className = "notice failed"
    notice.textContent = `The service's document could not be shown: ${problem.message}.`
    main.replaceChildren(notice)
  })
