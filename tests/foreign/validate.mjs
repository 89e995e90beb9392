// Files against a schema: node validate.mjs MODULES SCHEMA FILE...
// A .json schema is read by ajv, a .xsd by libxml2. Ends with 1 where a file does not fit, after saying why; says how many fit.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const [modules, schemaPath, ...files] = process.argv.slice(2);
const require = createRequire(modules + "/package.json");
const schema = readFileSync(schemaPath, "utf8");
const faults = [];

if (schemaPath.endsWith(".xsd")) {
  const { validateXML } = require("xmllint-wasm");
  for (const file of files) {
    const xml = [{ fileName: basename(file), contents: readFileSync(file, "utf8") }];
    const result = await validateXML({ xml, schema: [{ fileName: basename(schemaPath), contents: schema }] });
    if (!result.valid) {
      faults.push(...result.errors.slice(0, 5).map((error) => `${file}: ${error.rawMessage}`));
    }
  }
} else {
  const { default: Ajv2020 } = require("ajv/dist/2020");
  const { default: formats } = require("ajv-formats");
  const ajv = new Ajv2020({ allErrors: false, strict: false });
  formats(ajv);
  // Widths of numbers, as schemars names them: JSON has none.
  for (const width of ["uint", "uint8", "uint16", "uint32", "uint64"]) { ajv.addFormat(width, { type: "number", validate: (n) => Number.isInteger(n) && n >= 0 }); }
  const fits = ajv.compile(JSON.parse(schema));
  for (const file of files) {
    if (!fits(JSON.parse(readFileSync(file, "utf8")))) {
      faults.push(...fits.errors.slice(0, 5).map((error) => `${file}: ${error.instancePath} ${error.message}`));
    }
  }
}
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log(`${files.length} fit`);
