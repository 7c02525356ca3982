// Judges JSON by JSON Schema, one question a line: {"schema": …} makes the schema that the lines after it, {"value": …}, are
// judged by. Each is answered by a line: null, or what ajv says against it.
const home = process.argv[2]
const load = (name) => require(require.resolve(name, { paths: [home] }))
const { default: Ajv } = load("ajv/dist/2020")
const addFormats = load("ajv-formats")

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
addFormats(ajv)
for (const name of ["int32", "int64", "float", "double", "binary"]) ajv.addFormat(name, true)

let judge = null

const answer = (line) => {
  const question = JSON.parse(line)
  if (question.schema !== undefined) {
    judge = ajv.compile(question.schema)
    return null
  }
  return judge(question.value) ? null : judge.errors.map((error) => `${error.instancePath} ${error.message}`)
}

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => process.stdout.write(JSON.stringify(answer(line)) + "\n"))
