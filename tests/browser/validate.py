"""validate.py SCHEMA FILE ...

Holds Vega specifications to the published schema (tests/report/vega-schema.json, of npm's vega 5.22.1): files of one
specification each (.json), and all that stand in pages (.html). Names every one that does not fit, and fails.
"""

import json
import re
import sys

import jsonschema


def specifications(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.endswith(".html"):
        yield path, json.loads(text)
        return
    for figure, script in re.findall(r'<figure id="([^"]*)".*?<script type="application/json">(.*?)</script>', text, re.S):
        yield f"{path}, figure {figure}", json.loads(script)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.Draft7Validator(schema)
    count = bad = 0
    for path in sys.argv[2:]:
        for name, specification in specifications(path):
            count += 1
            problem = jsonschema.exceptions.best_match(validator.iter_errors(specification))
            if problem is not None:
                bad += 1
                place = "/".join(str(part) for part in problem.absolute_path)
                print(f"{name}: at /{place}: {problem.message[:300]}")
    print(f"{count} specifications, {bad} of them not as the schema has it")
    return 1 if bad or not count else 0


sys.exit(main())
